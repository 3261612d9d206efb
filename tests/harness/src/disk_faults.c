/* Preloaded into a server: lets one of its calls that change files fail, or ends the process there, as a power cut would.
 *
 * DISK_FAULT_BELOW  only files below this folder count
 * DISK_FAULT        kill: end before the call; tear: write half, then end; eio, enospc: the call fails, the ones after it do not
 * DISK_FAULT_CALLS  all; sync: only fsync and fdatasync count; change: all others do
 * DISK_FAULT_AT     which call, counted from 1
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;

enum kind { CHANGE, SYNC };
enum fault { NONE, KILL, TEAR, FAIL };

static enum fault fault_at(enum kind kind, const char *path) {
    const char *below = getenv("DISK_FAULT_BELOW"), *fault = getenv("DISK_FAULT");
    const char *only = getenv("DISK_FAULT_CALLS"), *at = getenv("DISK_FAULT_AT");
    if (!below || !fault || !only || !at || strncmp(path, below, strlen(below)) != 0) return NONE;
    if (strcmp(only, kind == SYNC ? "change" : "sync") == 0) return NONE;
    if (atomic_fetch_add(&calls, 1) + 1 != atol(at)) return NONE;
    if (strcmp(fault, "kill") == 0) return KILL;
    if (strcmp(fault, "tear") == 0) return TEAR;
    errno = strcmp(fault, "enospc") == 0 ? ENOSPC : EIO;
    return FAIL;
}

static void end(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static enum fault fault_at_file(enum kind kind, int file) {
    char link[40], path[4096];
    int before = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    errno = before;
    if (length < 0) return NONE;
    path[length] = 0;
    return fault_at(kind, path);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define WRITE(name, offset_type)                                                        \
    ssize_t name(int file, const void *bytes, size_t count, offset_type offset) {       \
        switch (fault_at_file(CHANGE, file)) {                                          \
            case TEAR: NEXT(name)(file, bytes, count / 2, offset); /* fall through */   \
            case KILL: end();                                                           \
            case FAIL: return -1;                                                       \
            case NONE: break;                                                           \
        }                                                                               \
        return NEXT(name)(file, bytes, count, offset);                                  \
    }
WRITE(pwrite, off_t)
WRITE(pwrite64, off64_t)

ssize_t write(int file, const void *bytes, size_t count) {
    switch (fault_at_file(CHANGE, file)) {
        case TEAR: NEXT(write)(file, bytes, count / 2); /* fall through */
        case KILL: end();
        case FAIL: return -1;
        case NONE: break;
    }
    return NEXT(write)(file, bytes, count);
}

#define ON_FILE(name, kind, parameters, ...)                    \
    int name parameters {                                       \
        switch (fault_at_file(kind, file)) {                    \
            case TEAR:                                          \
            case KILL: end();                                   \
            case FAIL: return -1;                               \
            case NONE: break;                                   \
        }                                                       \
        return NEXT(name)(__VA_ARGS__);                         \
    }
ON_FILE(fsync, SYNC, (int file), file)
ON_FILE(fdatasync, SYNC, (int file), file)
ON_FILE(ftruncate, CHANGE, (int file, off_t length), file, length)
ON_FILE(ftruncate64, CHANGE, (int file, off64_t length), file, length)

#define ON_PATH(name, parameters, ...)                          \
    int name parameters {                                       \
        switch (fault_at(CHANGE, path)) {                       \
            case TEAR:                                          \
            case KILL: end();                                   \
            case FAIL: return -1;                               \
            case NONE: break;                                   \
        }                                                       \
        return NEXT(name)(__VA_ARGS__);                         \
    }
ON_PATH(rename, (const char *path, const char *to), path, to)
ON_PATH(unlink, (const char *path), path)
ON_PATH(link, (const char *path, const char *to), path, to)

#define OPEN(name)                                              \
    int name(const char *path, int flags, ...) {                \
        va_list rest;                                           \
        va_start(rest, flags);                                  \
        int mode = va_arg(rest, int);                           \
        va_end(rest);                                           \
        if (flags & O_CREAT) {                                  \
            switch (fault_at(CHANGE, path)) {                   \
                case TEAR:                                      \
                case KILL: end();                               \
                case FAIL: return -1;                           \
                case NONE: break;                               \
            }                                                   \
        }                                                       \
        return NEXT(name)(path, flags, mode);                   \
    }
OPEN(open)
OPEN(open64)
