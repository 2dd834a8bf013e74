#define _GNU_SOURCE
#include "http_message.h"
#include "load.h"
#include "moment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { DIGITS = 8 };

// What is sent here fits into a socket's buffer, which is empty: the other side has read all that came before.
static void send_all(cload *load, const connection *to, const char *text, size_t length) {
    if (send(to->descriptor, text, length, MSG_NOSIGNAL) != (ssize_t)length) load_fail(load, "cannot send: %s", strerror(errno));
}

static void fill(char *message, const char *blank, const char *digits) {
    for (char *place = message; (place = strstr(place, blank)); place += DIGITS) memcpy(place, digits, DIGITS);
}

void load_send_next(cload *load, connection *sender) {
    if (load->sent == load->plan->requests) return;
    const cload_plan *plan = load->plan;
    const int number = load->sent++;
    char message[8192];
    const size_t body_length = strlen(plan->body);
    const int length = snprintf(
        message, sizeof(message), "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
        plan->method, plan->path, plan->port, plan->content_type, body_length, plan->body);
    if (length >= (int)sizeof(message)) return load_fail(load, "the body is too long");
    char digits[DIGITS + 1];
    snprintf(digits, sizeof(digits), "%0*d", DIGITS, load->first + number);
    fill(message, "########", digits);
    // An odd factor maps no two numbers to one.
    snprintf(digits, sizeof(digits), "%0*x", DIGITS, (uint32_t)(load->first + number) * 0x9E3779B1u);
    fill(message, "~~~~~~~~", digits);
    sender->request = number;
    sender->is_accepted = sender->is_finished = false;
    load->owners[number] = (int)(sender - load->senders);
    load->latencies[number] = cload_now();
    send_all(load, sender, message, (size_t)length);
}

static void advance(cload *load, connection *sender) {
    if (!sender->is_accepted || !sender->is_finished) return;
    load->latencies[sender->request] = cload_now() - load->latencies[sender->request];
    load->done++;
    load_send_next(load, sender);
}

static void take_response(cload *load, connection *sender, const http_message *message) {
    const bool is_last = load->plan->end != CLOAD_FINISHED;
    const int expected = load->plan->end == CLOAD_RESPONSE ? 200 : 202;
    if (message->status != expected) {
        return load_fail(load, "answered %d: %.*s", message->status, (int)message->body_length, message->body);
    }
    if (is_last && !http_body_contains(message, load->plan->expected)) return load_fail(load, "a response without what was expected");
    sender->is_accepted = true;
    sender->is_finished |= is_last;
    advance(load, sender);
}

static void take_answer(cload *load, const connection *receiver, const http_message *message) {
    static const char response[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    static const char name[] = "\"triggeredid\":\"";
    send_all(load, receiver, response, sizeof(response) - 1);
    if (!http_body_contains(message, ".finished\"")) return;
    const char *value = memmem(message->body, message->body_length, name, sizeof(name) - 1);
    const long number = value ? strtol(value + sizeof(name) - 1, NULL, 10) - load->first : -1;
    connection *sender = number >= 0 && number < load->sent ? &load->senders[load->owners[number]] : NULL;
    if (!sender || sender->request != number || sender->is_finished) return load_fail(load, "an answer that nobody waits for");
    if (!http_body_contains(message, load->plan->expected)) {
        return load_fail(load, "an answer without the output: %.*s", (int)message->body_length, message->body);
    }
    sender->is_finished = true;
    advance(load, sender);
}

bool load_receive(cload *load, connection *from) {
    const ssize_t count = recv(from->descriptor, from->buffer + from->used, BUFFER_SIZE - from->used, 0);
    if (count <= 0) return false;
    from->used += (size_t)count;
    while (true) {
        const http_message message = http_message_at(from->buffer, from->used);
        if (message.is_unknown || (!message.length && from->used == BUFFER_SIZE)) {
            load_fail(load, "a message that is too large, or has no Content-Length");
            return true;
        }
        if (!message.length) return true;
        if (message.status) {
            take_response(load, from, &message);
        } else {
            take_answer(load, from, &message);
        }
        from->used -= message.length;
        memmove(from->buffer, from->buffer + message.length, from->used);
    }
}
