#define _GNU_SOURCE
#include "load.h"
#include "moment.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 64, SILENCE_MILLISECONDS = 30 * 1000 };

void load_fail(cload *load, const char *format, ...) {
    if (load->result.problem[0]) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(load->result.problem, sizeof(load->result.problem), format, arguments);
    va_end(arguments);
}

static bool watch(cload *load, int descriptor, void *subject) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = subject};
    return epoll_ctl(load->epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

static struct sockaddr_in loopback(int port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void drop_receiver(cload *load, int index) {
    close(load->receivers[index]->descriptor);
    free(load->receivers[index]);
    load->receivers[index] = NULL;
}

void cload_close(cload *load) {
    const int error = errno;
    for (int index = 0; index < RECEIVERS; index++) {
        if (load->receivers[index]) drop_receiver(load, index);
    }
    if (load->listener >= 0) close(load->listener);
    if (load->epoll >= 0) close(load->epoll);
    free(load);
    errno = error;
}

cload *cload_open(void) {
    cload *load = calloc(1, sizeof(*load));
    if (!load) return NULL;
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof(address);
    load->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (load->listener < 0 || load->epoll < 0 || bind(load->listener, (struct sockaddr *)&address, size) < 0 ||
        listen(load->listener, 512) < 0 || getsockname(load->listener, (struct sockaddr *)&address, &size) < 0 ||
        !watch(load, load->listener, load)) {
        cload_close(load);
        return NULL;
    }
    load->port = ntohs(address.sin_port);
    return load;
}

int cload_port(const cload *load) { return load->port; }

static void accept_receiver(cload *load) {
    const int descriptor = accept4(load->listener, NULL, NULL, SOCK_CLOEXEC);
    if (descriptor < 0) return;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    for (int index = 0; index < RECEIVERS; index++) {
        if (load->receivers[index]) continue;
        connection *receiver = calloc(1, sizeof(*receiver));
        if (!receiver) break;
        receiver->descriptor = descriptor;
        load->receivers[index] = receiver;
        if (!watch(load, descriptor, receiver)) drop_receiver(load, index);
        return;
    }
    load_fail(load, "too many connections");
    close(descriptor);
}

static void handle(cload *load, void *subject) {
    if (subject == load) return accept_receiver(load);
    if (load_receive(load, subject)) return;
    for (int index = 0; index < RECEIVERS; index++) {
        if (load->receivers[index] == subject) return drop_receiver(load, index);
    }
    load_fail(load, "a kept connection was closed");
}

static void connect_senders(cload *load) {
    const struct sockaddr_in address = loopback(load->plan->port);
    for (int index = 0; index < load->plan->at_once; index++) {
        connection *sender = &load->senders[index];
        sender->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (sender->descriptor < 0 || connect(sender->descriptor, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
            !watch(load, sender->descriptor, sender)) {
            return load_fail(load, "cannot connect to port %d: %s", load->plan->port, strerror(errno));
        }
        setsockopt(sender->descriptor, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    }
}

static void run(cload *load) {
    for (int index = 0; index < load->plan->at_once; index++) load_send_next(load, &load->senders[index]);
    struct epoll_event events[BATCH];
    while (load->done < load->plan->requests && !load->result.problem[0]) {
        const int count = epoll_wait(load->epoll, events, BATCH, SILENCE_MILLISECONDS);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return load_fail(load, "nothing came for 30 s; %d of %d are done", load->done, load->plan->requests);
        for (int index = 0; index < count; index++) handle(load, events[index].data.ptr);
    }
}

cload_result cload_run(cload *load, const cload_plan *plan, uint64_t *latencies) {
    const uint64_t before = cload_clock(CLOCK_THREAD_CPUTIME_ID);
    load->plan = plan;
    load->latencies = latencies;
    load->sent = load->done = 0;
    load->result = (cload_result){0};
    load->senders = calloc((size_t)plan->at_once, sizeof(*load->senders));
    load->owners = calloc((size_t)plan->requests, sizeof(*load->owners));
    if (load->senders && load->owners) {
        for (int index = 0; index < plan->at_once; index++) load->senders[index].descriptor = -1;
        connect_senders(load);
        if (!load->result.problem[0]) run(load);
        for (int index = 0; index < plan->at_once; index++) {
            if (load->senders[index].descriptor >= 0) close(load->senders[index].descriptor);
        }
    } else {
        load_fail(load, "no memory");
    }
    free(load->senders);
    free(load->owners);
    load->first += plan->requests;
    load->result.cpu_nanoseconds = cload_clock(CLOCK_THREAD_CPUTIME_ID) - before;
    return load->result;
}
