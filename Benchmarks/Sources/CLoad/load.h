#ifndef CLOAD_LOAD_H
#define CLOAD_LOAD_H

#include "cload.h"

#include <stdbool.h>
#include <stddef.h>

enum { BUFFER_SIZE = 256 * 1024, RECEIVERS = 256 };

typedef struct {
    int descriptor;
    // Of a connection that posts: its request, counted from 0, and what of that has come.
    int request;
    bool is_accepted, is_finished;
    size_t used;
    char buffer[BUFFER_SIZE];
} connection;

struct cload {
    int listener;
    int epoll;
    int port;
    // Numbers are never used twice: what is measured remembers them.
    int first;
    connection *receivers[RECEIVERS];
    // Of the plan in hand.
    const cload_plan *plan;
    connection *senders;
    // By request: when it was sent, later how long it took; and which connection sent it.
    uint64_t *latencies;
    int *owners;
    int sent, done;
    cload_result result;
};

// Keeps the first thing that went wrong; it ends the plan in hand.
void load_fail(cload *load, const char *format, ...);

// Posts the plan's next request, if there is one.
void load_send_next(cload *load, connection *sender);

// Reads what has come, and does what it asks for. Returns false at the connection's end.
bool load_receive(cload *load, connection *from);

#endif
