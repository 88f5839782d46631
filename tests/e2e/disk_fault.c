// A disk that fails on demand, for a program started with LD_PRELOAD: while the file named by
// EARFUL_FAULT exists and says "ERRNO SUFFIX", every write and sync of a file whose name ends in SUFFIX
// fails with that error number; "ERRNO SUFFIX sync" fails its syncs only.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int fails(int fd, int is_sync) {
  const char* control = getenv("EARFUL_FAULT");
  char said[128] = "", link[64], name[4096], suffix[64], only[8] = "";
  int number = 0;
  const int opened = control ? open(control, O_RDONLY | O_CLOEXEC) : -1;
  if (opened < 0) return 0;
  const ssize_t got = read(opened, said, sizeof said - 1);
  close(opened);
  if (got <= 0 || sscanf(said, "%d %63s %7s", &number, suffix, only) < 2) return 0;
  if (*only && !is_sync) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, name, sizeof name - 1);
  const size_t ending = strlen(suffix);
  if (length < (ssize_t)ending || memcmp(name + length - ending, suffix, ending) != 0) return 0;
  errno = number;
  return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int fd) { return fails(fd, 1) ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return fails(fd, 1) ? -1 : REAL(fdatasync)(fd); }
ssize_t pwrite(int fd, const void* from, size_t size, off_t at) {
  return fails(fd, 0) ? -1 : REAL(pwrite)(fd, from, size, at);
}
ssize_t pwrite64(int fd, const void* from, size_t size, off64_t at) {
  return fails(fd, 0) ? -1 : REAL(pwrite64)(fd, from, size, at);
}
