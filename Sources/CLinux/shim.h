// What Linux offers and the toolchain's Glibc module leaves out.
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>

// accept4 stands behind _GNU_SOURCE, which a module's header cannot set after libc has been read.
extern int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);

// prctl is variadic, which Swift cannot call.
static inline void clinux_set_thread_name(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
