// What Swift's Glibc module leaves out: whole headers, and declarations that glibc shows to _GNU_SOURCE only.
#include <linux/filter.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

int pipe2(int[2], int);
int accept4(int, struct sockaddr *, socklen_t *, int);
int pthread_setname_np(pthread_t, const char *);
char *strptime(const char *, const char *, struct tm *);
