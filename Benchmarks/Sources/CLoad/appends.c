#define _GNU_SOURCE
#include "cload.h"
#include "moment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int cload_appends(const char *path, int size, int count, uint64_t *latencies) {
    char *const bytes = calloc(1, (size_t)size);
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int error = bytes && file >= 0 ? 0 : errno;
    for (int number = 0; number < count && !error; number++) {
        const uint64_t before = cload_now();
        if (write(file, bytes, (size_t)size) != size || fdatasync(file) < 0) error = errno ? errno : EIO;
        latencies[number] = cload_now() - before;
    }
    if (file >= 0) close(file);
    free(bytes);
    return error;
}
