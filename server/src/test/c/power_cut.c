/*
 * A disk whose power can be cut: preloaded into the server by PowerCutIT.
 *
 * A killed process leaves the kernel's page cache alive, so a kill alone says nothing about
 * durability. Here the page cache of every file under one directory lives in the process: opening
 * such a file gives a descriptor of an anonymous memory file (the cache) that was filled from the
 * real one (the disk). All reads and writes, maps and stdio included, work on the cache. Only
 * fsync, fdatasync, syncfs and sync copy what was written to the disk. SIGKILL takes the cache
 * along, and leaves exactly what a power cut would leave.
 *
 *   - A cache belongs to the inode, not to a descriptor: data of a file that was closed without a
 *     sync is still seen by whoever opens it again, and still lost at the kill. Renames keep it.
 *   - A failed sync is like Linux': the pages count as clean afterwards, so they go on being read,
 *     a later sync succeeds, and they never come to the disk.
 *   - sync_file_range makes nothing durable, as its manual says.
 *   - Creating, renaming, removing and O_TRUNC come to the disk at once, like on a journalling
 *     file system whose journal happened to be written. So syncs of directories are not tested.
 *   - Files named "lock" are left alone, since locks must be seen by other processes. What opens
 *     files behind our back (fopen: RocksDB's information log) is not held back either.
 *   - What is not modelled ends the process with a message.
 *
 * Environment:
 *   POWER_CUT_DIR        the directory, absolute; nothing is done without it
 *   POWER_CUT_REPORT     a file that gets the counts of struct report, in the machine's byte order
 *   POWER_CUT_EAGER      how many writes of a thousand come to the disk at once, in any order, as
 *                        the kernel may do at any time; 0 by default
 *   POWER_CUT_SEED       chooses them, as far as threads allow
 *   POWER_CUT_FAIL_NAME  count the syncs of files whose path ends like this, and
 *   POWER_CUT_FAIL_SYNC  fail that one of them, counted from 1 over this process, with EIO
 *   POWER_CUT_FAIL_MANY  and the ones after it, so many in all; 1 by default
 *
 * Locks: `table` guards the list of files and the descriptors; `lock` of a file its dirty ranges;
 * `syncing` of a file lets one sync through at a time, so that none returns before the data of
 * another one that took the ranges first. Taken in this order: table, syncing, lock.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAX_FDS 65536

struct range {
  off_t from, to;
};

struct file {
  struct file *next;
  dev_t dev;
  ino_t ino;
  int disk, cache; /* the disk's descriptor also keeps the inode from being used anew */
  int opens;
  bool lossy;   /* a sync failed: the cache holds what the disk will never have */
  bool counted; /* its syncs are those that may fail */
  pthread_mutex_t lock, syncing;
  struct range *dirty;
  size_t dirty_count, dirty_room;
};

struct report {
  _Atomic uint64_t syncs, failed_syncs, written_bytes, synced_bytes;
};

static char directory[4096];
static size_t directory_length;
static const char *fail_name = "";
static uint64_t fail_from, fail_many = 1;
static unsigned eager;
static _Atomic uint64_t counted_syncs, dice;
static struct report own_report, *report = &own_report;

static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;
static struct file *files;
static struct file *_Atomic by_fd[MAX_FDS];

static void unmodelled(const char *what) {
  dprintf(2, "power_cut: %s is not modelled\n", what);
  abort();
}

static long number(const char *name, long otherwise) {
  const char *text = getenv(name);
  return text ? atol(text) : otherwise;
}

static void map_report(const char *path) {
  int fd = path ? syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_CLOEXEC, 0644) : -1;
  if (fd < 0 || ftruncate(fd, sizeof *report)) return;
  void *at = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at != MAP_FAILED) report = at;
  syscall(SYS_close, fd);
}

__attribute__((constructor)) static void start(void) {
  const char *name = getenv("POWER_CUT_FAIL_NAME");
  fail_name = name ? name : "";
  fail_from = number("POWER_CUT_FAIL_SYNC", 0);
  fail_many = number("POWER_CUT_FAIL_MANY", 1);
  eager = number("POWER_CUT_EAGER", 0);
  dice = number("POWER_CUT_SEED", 1);
  map_report(getenv("POWER_CUT_REPORT"));
  const char *dir = getenv("POWER_CUT_DIR");
  if (dir && realpath(dir, directory)) directory_length = strlen(directory);
}

/* ---- files ---- */

static struct file *of(int fd) {
  return fd >= 0 && fd < MAX_FDS ? atomic_load(&by_fd[fd]) : NULL;
}

static off_t size_of(int fd) {
  struct stat s;
  return syscall(SYS_fstat, fd, &s) ? 0 : s.st_size;
}

static bool ends_with(const char *text, const char *end) {
  size_t n = strlen(text), m = strlen(end);
  return n >= m && strcmp(text + n - m, end) == 0;
}

/* The path of an open regular file, if it is one whose cache we hold. */
static bool held(int fd, char *path, size_t room) {
  char link[40];
  struct stat s;
  if (syscall(SYS_fstat, fd, &s) || !S_ISREG(s.st_mode)) return false;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, room - 1);
  if (n < 0) return false;
  path[n] = 0;
  return strncmp(path, directory, directory_length) == 0 && path[directory_length] == '/' &&
         strcasecmp(strrchr(path, '/'), "/lock") != 0;
}

static void copy(int from_fd, int to_fd, off_t from, off_t to) {
  char bytes[16384];
  while (from < to) {
    size_t want = to - from < (off_t)sizeof bytes ? (size_t)(to - from) : sizeof bytes;
    ssize_t n = syscall(SYS_pread64, from_fd, bytes, want, from);
    if (n <= 0) break; /* cut off meanwhile */
    if (syscall(SYS_pwrite64, to_fd, bytes, n, from) != n) unmodelled("a full disk");
    from += n;
  }
}

static struct file *find(dev_t dev, ino_t ino) {
  struct file *f = files;
  while (f && (f->ino != ino || f->dev != dev)) f = f->next;
  return f;
}

static int reopen(int fd, int flags) {
  char path[40];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return syscall(SYS_openat, AT_FDCWD, path, flags, 0);
}

static struct file *cached(int fd, const char *path) {
  struct stat s;
  syscall(SYS_fstat, fd, &s);
  struct file *f = find(s.st_dev, s.st_ino);
  if (f) return f;
  f = calloc(1, sizeof *f);
  *f = (struct file){.next = files, .dev = s.st_dev, .ino = s.st_ino};
  f->disk = reopen(fd, O_RDWR | O_CLOEXEC);
  f->cache = syscall(SYS_memfd_create, "power_cut", MFD_CLOEXEC);
  if (f->disk < 0 || f->cache < 0) unmodelled("a file that cannot be cached");
  f->counted = ends_with(path, fail_name);
  pthread_mutex_init(&f->lock, NULL);
  pthread_mutex_init(&f->syncing, NULL);
  copy(f->disk, f->cache, 0, s.st_size);
  return files = f;
}

/* Forgets caches that say what the disk says, or that nobody can reach any more. */
static void sweep(void) {
  for (struct file **at = &files; *at;) {
    struct file *f = *at;
    struct stat s;
    bool clean = !f->dirty_count && !f->lossy;
    if (f->opens || !(clean || (syscall(SYS_fstat, f->disk, &s) == 0 && s.st_nlink == 0))) {
      at = &f->next;
      continue;
    }
    *at = f->next;
    syscall(SYS_close, f->disk);
    syscall(SYS_close, f->cache);
    free(f->dirty);
    free(f);
  }
}

static int open_at(int dir, const char *name, int flags, mode_t mode) {
  char path[4200];
  int real = syscall(SYS_openat, dir, name, flags, mode);
  if (real < 0 || !directory_length || !held(real, path, sizeof path)) return real;
  if (flags & O_DSYNC && (flags & O_ACCMODE) != O_RDONLY) unmodelled("O_DSYNC");
  pthread_mutex_lock(&table);
  sweep();
  struct file *f = cached(real, path);
  int fd = reopen(f->cache, flags & ~(O_CREAT | O_EXCL | O_NOFOLLOW | O_DIRECT));
  if (fd < 0 || fd >= MAX_FDS) unmodelled("a descriptor that cannot be had");
  f->opens++;
  atomic_store(&by_fd[fd], f);
  pthread_mutex_unlock(&table);
  syscall(SYS_close, real);
  return fd;
}

static void forget(int fd) {
  if (!of(fd)) return;
  pthread_mutex_lock(&table);
  of(fd)->opens--;
  atomic_store(&by_fd[fd], NULL);
  pthread_mutex_unlock(&table);
}

/* ---- writing and syncing ---- */

static bool lucky(void) {
  if (!eager) return false;
  uint64_t x = atomic_fetch_add(&dice, 1) * 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93u;
  return (x >> 32) % 1000 < eager;
}

/* With f->lock held. */
static void dirty(struct file *f, off_t from, off_t to) {
  struct range *last = f->dirty_count ? &f->dirty[f->dirty_count - 1] : NULL;
  atomic_fetch_add(&report->written_bytes, to - from);
  if (lucky()) {
    copy(f->cache, f->disk, from, to);
    return;
  }
  if (last && last->from <= from && from <= last->to) {
    last->to = last->to > to ? last->to : to;
    return;
  }
  if (f->dirty_count == f->dirty_room) {
    f->dirty_room = f->dirty_room ? 2 * f->dirty_room : 16;
    f->dirty = realloc(f->dirty, f->dirty_room * sizeof *f->dirty);
  }
  f->dirty[f->dirty_count++] = (struct range){from, to};
}

static bool must_fail(struct file *f) {
  if (!f->counted || !fail_from) return false;
  uint64_t n = atomic_fetch_add(&counted_syncs, 1) + 1;
  return n >= fail_from && n < fail_from + fail_many;
}

static int sync_file(struct file *f) {
  pthread_mutex_lock(&f->syncing);
  bool fail = must_fail(f);
  pthread_mutex_lock(&f->lock);
  struct range *ranges = f->dirty;
  size_t count = f->dirty_count;
  off_t size = size_of(f->cache);
  f->dirty = NULL;
  f->dirty_count = f->dirty_room = 0;
  f->lossy |= fail;
  pthread_mutex_unlock(&f->lock);
  for (size_t i = 0; i < count && !fail; i++) {
    copy(f->cache, f->disk, ranges[i].from, ranges[i].to < size ? ranges[i].to : size);
    atomic_fetch_add(&report->synced_bytes, ranges[i].to - ranges[i].from);
  }
  if (!fail && size_of(f->disk) != size) syscall(SYS_ftruncate, f->disk, size);
  free(ranges);
  atomic_fetch_add(fail ? &report->failed_syncs : &report->syncs, 1);
  pthread_mutex_unlock(&f->syncing);
  if (fail) errno = EIO;
  return fail ? -1 : 0;
}

static void sync_all(void) {
  pthread_mutex_lock(&table);
  for (struct file *f = files; f; f = f->next) sync_file(f);
  pthread_mutex_unlock(&table);
}

/* A write at the descriptor's own offset, which stands behind it afterwards. */
#define AT_OFFSET(fd, call)                          \
  struct file *f = of(fd);                           \
  if (!f) return call;                               \
  pthread_mutex_lock(&f->lock);                      \
  ssize_t n = call;                                  \
  off_t to = syscall(SYS_lseek, fd, 0, SEEK_CUR);    \
  if (n > 0) dirty(f, to - n, to);                   \
  pthread_mutex_unlock(&f->lock);                    \
  return n

#define AT_PLACE(fd, offset, call)                   \
  struct file *f = of(fd);                           \
  if (!f) return call;                               \
  pthread_mutex_lock(&f->lock);                      \
  ssize_t n = call;                                  \
  if (n > 0) dirty(f, offset, offset + n);           \
  pthread_mutex_unlock(&f->lock);                    \
  return n

ssize_t write(int fd, const void *bytes, size_t size) {
  AT_OFFSET(fd, syscall(SYS_write, fd, bytes, size));
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
  AT_OFFSET(fd, syscall(SYS_writev, fd, parts, count));
}
ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset) {
  AT_PLACE(fd, offset, syscall(SYS_pwrite64, fd, bytes, size, offset));
}
ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t offset) {
  return pwrite(fd, bytes, size, offset);
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  AT_PLACE(fd, offset, syscall(SYS_pwritev, fd, parts, count, offset, 0));
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t offset) {
  return pwritev(fd, parts, count, offset);
}

int ftruncate(int fd, off_t size) {
  struct file *f = of(fd);
  if (!f) return syscall(SYS_ftruncate, fd, size);
  pthread_mutex_lock(&f->lock);
  off_t old = size_of(fd);
  int result = syscall(SYS_ftruncate, fd, size);
  if (!result && size != old) dirty(f, size < old ? size : old, size < old ? old : size);
  pthread_mutex_unlock(&f->lock);
  return result;
}
int ftruncate64(int fd, off_t size) { return ftruncate(fd, size); }

/* Room that is only set aside shows nowhere, and would be taken from memory. */
int fallocate(int fd, int mode, off_t offset, off_t size) {
  if (of(fd) && mode & FALLOC_FL_KEEP_SIZE) return 0;
  return syscall(SYS_fallocate, fd, mode, offset, size);
}
int fallocate64(int fd, int mode, off_t offset, off_t size) {
  return fallocate(fd, mode, offset, size);
}

ssize_t copy_file_range(int in, off_t *from, int out, off_t *to, size_t size, unsigned flags) {
  if (of(out)) unmodelled("copy_file_range");
  return syscall(SYS_copy_file_range, in, from, out, to, size, flags);
}
ssize_t sendfile(int out, int in, off_t *from, size_t size) {
  if (of(out)) unmodelled("sendfile");
  return syscall(SYS_sendfile, out, in, from, size);
}
ssize_t sendfile64(int out, int in, off_t *from, size_t size) {
  return sendfile(out, in, from, size);
}
void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset) {
  if (of(fd) && flags & MAP_SHARED && protection & PROT_WRITE) unmodelled("a map for writing");
  return (void *)syscall(SYS_mmap, at, size, protection, flags, fd, offset);
}
void *mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset) {
  return mmap(at, size, protection, flags, fd, offset);
}

int fsync(int fd) {
  struct file *f = of(fd);
  return f ? sync_file(f) : syscall(SYS_fsync, fd);
}
int fdatasync(int fd) {
  struct file *f = of(fd);
  return f ? sync_file(f) : syscall(SYS_fdatasync, fd);
}
int sync_file_range(int fd, off_t from, off_t size, unsigned flags) {
  return of(fd) ? 0 : syscall(SYS_sync_file_range, fd, from, size, flags);
}
int syncfs(int fd) {
  sync_all();
  return syscall(SYS_syncfs, fd);
}
void sync(void) {
  sync_all();
  syscall(SYS_sync);
}

/* ---- opening and closing ---- */

#define MODE(flags)                                          \
  mode_t mode = 0;                                           \
  if (flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE) { \
    va_list more;                                            \
    va_start(more, flags);                                   \
    mode = va_arg(more, mode_t);                             \
    va_end(more);                                            \
  }

int open(const char *path, int flags, ...) {
  MODE(flags)
  return open_at(AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  MODE(flags)
  return open_at(AT_FDCWD, path, flags, mode);
}
int openat(int dir, const char *path, int flags, ...) {
  MODE(flags)
  return open_at(dir, path, flags, mode);
}
int openat64(int dir, const char *path, int flags, ...) {
  MODE(flags)
  return open_at(dir, path, flags, mode);
}
int creat(const char *path, mode_t mode) {
  return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

int close(int fd) {
  forget(fd);
  return syscall(SYS_close, fd);
}
int dup2(int old, int fd) {
  if (of(old)) unmodelled("dup2");
  if (old != fd) forget(fd);
  return syscall(SYS_dup3, old, fd, 0);
}
/* stdio closes without calling close, and writes without calling write. */
int fclose(FILE *stream) {
  int (*real)(FILE *) = (int (*)(FILE *))dlsym(RTLD_NEXT, "fclose");
  forget(fileno(stream));
  return real(stream);
}
FILE *fdopen(int fd, const char *mode) {
  FILE *(*real)(int, const char *) = (FILE * (*)(int, const char *)) dlsym(RTLD_NEXT, "fdopen");
  if (of(fd) && (*mode != 'r' || strchr(mode, '+'))) unmodelled("fdopen for writing");
  return real(fd, mode);
}

/* ---- sizes: those of the cache ---- */

static int sized(int result, struct stat *s) {
  if (result || !directory_length || !S_ISREG(s->st_mode)) return result;
  pthread_mutex_lock(&table);
  struct file *f = find(s->st_dev, s->st_ino);
  if (f) s->st_size = size_of(f->cache);
  pthread_mutex_unlock(&table);
  return 0;
}

static int stat_at(int dir, const char *path, void *s, int flags) {
  return sized(syscall(SYS_newfstatat, dir, path, s, flags), s);
}
static int stat_fd(int fd, void *s) {
  struct file *f = of(fd);
  return sized(syscall(SYS_fstat, f ? f->disk : fd, s), s);
}

int stat(const char *path, struct stat *s) { return stat_at(AT_FDCWD, path, s, 0); }
int lstat(const char *path, struct stat *s) {
  return stat_at(AT_FDCWD, path, s, AT_SYMLINK_NOFOLLOW);
}
int fstat(int fd, struct stat *s) { return stat_fd(fd, s); }
int fstatat(int dir, const char *path, struct stat *s, int flags) {
  return stat_at(dir, path, s, flags);
}
int stat64(const char *path, struct stat64 *s) { return stat_at(AT_FDCWD, path, s, 0); }
int lstat64(const char *path, struct stat64 *s) {
  return stat_at(AT_FDCWD, path, s, AT_SYMLINK_NOFOLLOW);
}
int fstat64(int fd, struct stat64 *s) { return stat_fd(fd, s); }
int fstatat64(int dir, const char *path, struct stat64 *s, int flags) {
  return stat_at(dir, path, s, flags);
}

/* What programs built against an older glibc call. */
int __xstat(int v, const char *path, void *s) { return (void)v, stat_at(AT_FDCWD, path, s, 0); }
int __xstat64(int v, const char *path, void *s) { return (void)v, stat_at(AT_FDCWD, path, s, 0); }
int __lxstat(int v, const char *path, void *s) {
  return (void)v, stat_at(AT_FDCWD, path, s, AT_SYMLINK_NOFOLLOW);
}
int __lxstat64(int v, const char *path, void *s) {
  return (void)v, stat_at(AT_FDCWD, path, s, AT_SYMLINK_NOFOLLOW);
}
int __fxstat(int v, int fd, void *s) { return (void)v, stat_fd(fd, s); }
int __fxstat64(int v, int fd, void *s) { return (void)v, stat_fd(fd, s); }
int __fxstatat(int v, int dir, const char *path, void *s, int flags) {
  return (void)v, stat_at(dir, path, s, flags);
}
int __fxstatat64(int v, int dir, const char *path, void *s, int flags) {
  return (void)v, stat_at(dir, path, s, flags);
}
int statx(int dir, const char *path, int flags, unsigned mask, struct statx *s) {
  struct stat plain;
  if (of(dir) && !*path) dir = of(dir)->disk;
  int result = syscall(SYS_statx, dir, path, flags, mask, s);
  if (result == 0 && stat_at(dir, path, &plain, flags & (AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) == 0)
    s->stx_size = plain.st_size;
  return result;
}
