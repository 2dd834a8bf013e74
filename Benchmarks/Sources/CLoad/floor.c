#define _GNU_SOURCE
#include "cload.h"
#include "moment.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
    char *const *argv;
    char *const *envp;
    int runs;
    uint64_t *latencies;
    atomic_int next;
    atomic_int error;
} floor_work;

static int start(const floor_work *work, int output, pid_t *child) {
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);
    if (error) return error;
    error = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (!error) error = posix_spawn_file_actions_adddup2(&actions, output, 1);
    if (!error) error = posix_spawn_file_actions_adddup2(&actions, output, 2);
    if (!error) error = posix_spawn(child, work->argv[0], &actions, NULL, work->argv, work->envp);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static int run_once(const floor_work *work) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return errno;
    pid_t child;
    int error = start(work, ends[1], &child);
    close(ends[1]);
    if (!error) {
        char buffer[4096];
        ssize_t count;
        do count = read(ends[0], buffer, sizeof(buffer));
        while (count > 0 || (count < 0 && errno == EINTR));
        int status;
        while (waitpid(child, &status, 0) < 0) {
            if (errno != EINTR) return errno;
        }
        if (count < 0 || status != 0) error = EPROTO;
    }
    close(ends[0]);
    return error;
}

static void *worker(void *argument) {
    floor_work *work = argument;
    int run;
    while (!work->error && (run = atomic_fetch_add(&work->next, 1)) < work->runs) {
        const uint64_t before = cload_now();
        const int error = run_once(work);
        if (error) work->error = error;
        work->latencies[run] = cload_now() - before;
    }
    return NULL;
}

int cload_floor(char *const argv[], char *const envp[], int runs, int at_once, uint64_t *latencies) {
    floor_work work = {.argv = argv, .envp = envp, .runs = runs, .latencies = latencies};
    pthread_t *threads = calloc((size_t)at_once, sizeof(*threads));
    if (!threads) return ENOMEM;
    int started = 0;
    for (; started < at_once; started++) {
        const int error = pthread_create(&threads[started], NULL, worker, &work);
        if (!error) continue;
        work.error = error;
        break;
    }
    for (int thread = 0; thread < started; thread++) pthread_join(threads[thread], NULL);
    free(threads);
    return work.error;
}
