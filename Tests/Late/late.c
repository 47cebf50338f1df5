/* Makes a program late by LATE_US microseconds, each time that it does what LATE names:

       answers   behind what it has written to a socket, when others have it already
       events    between its being woken and its looking, and before it writes to a socket
       log       before it writes to standard error

   so that what usually comes first comes last. Loaded by LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *kind;
static useconds_t duration;

__attribute__((constructor)) static void read_settings(void) {
    kind = getenv("LATE");
    const char *text = getenv("LATE_US");
    duration = text ? (useconds_t)atoi(text) : 3000;
}

static int is(const char *name) { return kind && strcmp(kind, name) == 0; }

static void pause_here(void) {
    int error = errno;
    usleep(duration);
    errno = error;
}

static int is_socket(int descriptor) {
    struct stat found;
    int error = errno;
    int answer = fstat(descriptor, &found) == 0 && S_ISSOCK(found.st_mode);
    errno = error;
    return answer;
}

static void before(int descriptor) {
    if (descriptor == STDERR_FILENO ? is("log") : is("events") && is_socket(descriptor)) pause_here();
}

static void behind(int descriptor, ssize_t written) {
    if (written > 0 && descriptor != STDERR_FILENO && is("answers") && is_socket(descriptor)) pause_here();
}

#define WRITER(name, parameters, arguments) \
    ssize_t name parameters { \
        static ssize_t(*original) parameters; \
        if (!original) original = (ssize_t(*) parameters)dlsym(RTLD_NEXT, #name); \
        before(descriptor); \
        ssize_t written = original arguments; \
        behind(descriptor, written); \
        return written; \
    }

WRITER(write, (int descriptor, const void *bytes, size_t count), (descriptor, bytes, count))
WRITER(writev, (int descriptor, const struct iovec *parts, int count), (descriptor, parts, count))
WRITER(send, (int descriptor, const void *bytes, size_t count, int flags), (descriptor, bytes, count, flags))
WRITER(sendmsg, (int descriptor, const struct msghdr *message, int flags), (descriptor, message, flags))

int epoll_wait(int descriptor, struct epoll_event *events, int most, int time) {
    static int (*original)(int, struct epoll_event *, int, int);
    if (!original) original = (int (*)(int, struct epoll_event *, int, int))dlsym(RTLD_NEXT, "epoll_wait");
    int count = original(descriptor, events, most, time);
    if (count > 0 && is("events")) pause_here();
    return count;
}
