#pragma once
#include <curl/curl.h>

// curl_easy_setopt and curl_easy_getinfo are variadic, which Swift cannot call: one wrapper per argument type.

static inline CURLcode clibcurl_set_string(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode clibcurl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode clibcurl_set_large(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode clibcurl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}
typedef size_t (*clibcurl_data_callback)(char *data, size_t size, size_t count, void *context);
static inline CURLcode clibcurl_set_data_callback(CURL *handle, CURLoption option, clibcurl_data_callback value) {
    return curl_easy_setopt(handle, option, value);
}
typedef int (*clibcurl_progress_callback)(void *context, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
static inline CURLcode clibcurl_set_progress_callback(CURL *handle, clibcurl_progress_callback value) {
    return curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, value);
}
typedef curl_opensocket_callback clibcurl_socket_callback;
static inline CURLcode clibcurl_set_socket_callback(CURL *handle, clibcurl_socket_callback value) {
    return curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, value);
}
typedef curl_prereq_callback clibcurl_prerequest_callback;
static inline CURLcode clibcurl_set_prerequest_callback(CURL *handle, clibcurl_prerequest_callback value) {
    return curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, value);
}
static inline CURLcode clibcurl_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode clibcurl_get_string(CURL *handle, CURLINFO info, const char **value) {
    return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode clibcurl_get_pointer(CURL *handle, CURLINFO info, void **value) {
    return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode clibcurl_get_large(CURL *handle, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLMcode clibcurl_multi_set_long(CURLM *handle, CURLMoption option, long value) {
    return curl_multi_setopt(handle, option, value);
}

// Macros with casts, which Swift cannot import.
static const long clibcurl_auth_basic = (long)CURLAUTH_BASIC;
static const long clibcurl_tls_1_2 = (long)CURL_SSLVERSION_TLSv1_2;
