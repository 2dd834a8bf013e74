#ifndef CLOAD_HTTP_MESSAGE_H
#define CLOAD_HTTP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

// As much of HTTP/1.1 as the programs that are measured speak: messages with a Content-Length.
typedef struct {
    // Bytes of the whole message; 0: not all of it is there yet.
    size_t length;
    // Of a response; 0 for a request.
    int status;
    const char *body;
    size_t body_length;
    bool is_unknown;
} http_message;

http_message http_message_at(const char *text, size_t length);

// Whether the message's body contains the text.
bool http_body_contains(const http_message *message, const char *text);

#endif
