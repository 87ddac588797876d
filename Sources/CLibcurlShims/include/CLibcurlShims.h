#ifndef ARBORIST_CLIBCURL_SHIMS_H
#define ARBORIST_CLIBCURL_SHIMS_H

#include <curl/curl.h>
#include <stdint.h>

/*
 * curl_easy_setopt, curl_easy_getinfo and curl_multi_setopt take variable lists of arguments, which Swift cannot pass.
 * Each function here sets or gets one kind of value and gives libcurl's own result.
 */

CURLcode arborist_curl_set_number(CURL *handle, CURLoption option, long value);
CURLcode arborist_curl_set_size(CURL *handle, CURLoption option, int64_t value);
CURLcode arborist_curl_set_text(CURL *handle, CURLoption option, const char *value);

/* Sets an option that takes a pointer which libcurl keeps: a list, a buffer. */
CURLcode arborist_curl_set_pointer(CURL *handle, CURLoption option, void *value);

/* Copies so many bytes as the body of a request. */
CURLcode arborist_curl_set_body(CURL *handle, const void *bytes, size_t count);

/* What libcurl calls, each with the context: for a line of the head, and for a piece of the body, that has come... */
typedef size_t (*arborist_curl_receive)(char *bytes, size_t size, size_t count, void *context);
/* ... for the next piece of a body to be sent, and for going back to a place in it... */
typedef size_t (*arborist_curl_send)(char *buffer, size_t size, size_t count, void *context);
typedef int (*arborist_curl_seek)(void *context, curl_off_t offset, int origin);
/* ... and when the connection stands and the request is about to be sent. */
typedef int (*arborist_curl_connected)(
    void *context, char *remote, char *local, int remote_port, int local_port);

CURLcode arborist_curl_set_receivers(
    CURL *handle, void *context, arborist_curl_receive head, arborist_curl_receive body,
    arborist_curl_connected connected);
CURLcode arborist_curl_set_sender(CURL *handle, void *context, arborist_curl_send send, arborist_curl_seek seek);

/*
 * Sets what holds for every request: HTTP and HTTPS alone, no signals, no waiting for a name server's answer that
 * nobody wants any more, TLS 1.2 and above, sockets that no started program inherits.
 */
CURLcode arborist_curl_set_defaults(CURL *handle);

CURLcode arborist_curl_get_number(CURL *handle, CURLINFO info, long *value);

/* Gives a text that lives as long as the handle. */
CURLcode arborist_curl_get_text(CURL *handle, CURLINFO info, const char **value);

CURLMcode arborist_curl_multi_set_number(CURLM *multi, CURLMoption option, long value);

/* Gives the next transfer that has ended, with its result; 0 when there is none. */
int arborist_curl_multi_next(CURLM *multi, CURL **handle, CURLcode *result);

/* Names the calling thread, and keeps every signal from it. */
void arborist_thread_prepare(const char *name);

#endif
