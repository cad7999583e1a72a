// What Linux offers and the toolchain's Glibc module leaves out.
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

// accept4 stands behind _GNU_SOURCE, which a module's header cannot set after libc has been read.
extern int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);

// prctl is variadic, which Swift cannot call.
static inline void clinux_set_thread_name(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

// Child processes: what <spawn.h>, <sys/mman.h> and <sys/pidfd.h> offer behind _GNU_SOURCE.
#include <spawn.h>
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int lowest);
extern int memfd_create(const char *name, unsigned int flags);
extern int pipe2(int ends[2], int flags);
extern int pidfd_open(int process, unsigned int flags);
extern int pidfd_send_signal(int descriptor, int signal, void *information, unsigned int flags);
enum { CLINUX_POSIX_SPAWN_SETSID = 0x80, CLINUX_MFD_CLOEXEC = 1 };

// <malloc.h> is not part of the Glibc module.
extern int malloc_trim(size_t kept);
