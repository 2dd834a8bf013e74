#define _GNU_SOURCE
#include "http_message.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

// The value of a header line that begins with the name, or NULL.
static const char *header(const char *head, const char *end, const char *name) {
    const size_t length = strlen(name);
    for (const char *line = head; line < end;) {
        if ((size_t)(end - line) > length && strncasecmp(line, name, length) == 0) return line + length;
        const char *next = memchr(line, '\n', (size_t)(end - line));
        if (!next) return NULL;
        line = next + 1;
    }
    return NULL;
}

http_message http_message_at(const char *text, size_t length) {
    http_message message = {0};
    const char *blank = memmem(text, length, "\r\n\r\n", 4);
    if (!blank) return message;
    message.body = blank + 4;
    if (length > 12 && memcmp(text, "HTTP/1.1 ", 9) == 0) message.status = atoi(text + 9);
    const char *size = header(text, message.body, "Content-Length:");
    message.is_unknown = !size && message.status != 204;
    message.body_length = size ? strtoul(size, NULL, 10) : 0;
    const size_t whole = (size_t)(message.body - text) + message.body_length;
    if (whole <= length) message.length = whole;
    return message;
}

bool http_body_contains(const http_message *message, const char *text) {
    return memmem(message->body, message->body_length, text, strlen(text)) != NULL;
}
