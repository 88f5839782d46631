// A disk that remembers: a FUSE folder with one file, `disk`, of which every write and every flush
// is appended to a log, in order and with its time. A loop device over that file is a block device;
// from what lay on it before and the log, whatever a power cut may have left is made again.
//
//   logged_disk FOLDER -f -s        the image is $IMAGE, the log $LOG; ends when FOLDER is
//   unmounted
//
// A record of the log: four u64 of this machine (1 write, 2 flush; nanoseconds of CLOCK_MONOTONIC;
// offset; length), then the bytes written.
#define FUSE_USE_VERSION 31
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { kWrite = 1, kFlush = 2 };

static int image, logged;

static int note(uint64_t kind, const char* bytes, size_t length, off_t offset) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  uint64_t head[4] = {kind, (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec,
                      (uint64_t)offset, length};
  struct iovec parts[2] = {{head, sizeof head}, {(void*)bytes, length}};
  return writev(logged, parts, 2) == (ssize_t)(sizeof head + length) ? 0 : -EIO;
}

static int disk_getattr(const char* path, struct stat* info, struct fuse_file_info* file) {
  (void)file;
  if (strcmp(path, "/") == 0) {
    info->st_mode = S_IFDIR | 0700;
    return 0;
  }
  return strcmp(path, "/disk") == 0 && fstat(image, info) == 0 ? 0 : -ENOENT;
}

static int disk_open(const char* path, struct fuse_file_info* file) {
  file->direct_io = 1;  // nothing waits in a cache of this file: the order is that of the device
  return strcmp(path, "/disk") == 0 ? 0 : -ENOENT;
}

static int disk_read(const char* path, char* bytes, size_t length, off_t offset,
                     struct fuse_file_info* file) {
  (void)path, (void)file;
  ssize_t got = pread(image, bytes, length, offset);
  return got < 0 ? -errno : (int)got;
}

static int disk_write(const char* path, const char* bytes, size_t length, off_t offset,
                      struct fuse_file_info* file) {
  (void)path, (void)file;
  int fault = note(kWrite, bytes, length, offset);
  if (fault) return fault;
  ssize_t put = pwrite(image, bytes, length, offset);
  return put < 0 ? -errno : (int)put;
}

static int disk_fsync(const char* path, int data_only, struct fuse_file_info* file) {
  (void)path, (void)data_only, (void)file;
  return note(kFlush, "", 0, 0);
}

int main(int count, char** words) {
  image = open(getenv("IMAGE"), O_RDWR | O_CLOEXEC);
  logged = open(getenv("LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (image < 0 || logged < 0) return 1;
  static const struct fuse_operations kOperations = {.getattr = disk_getattr,
                                                     .open = disk_open,
                                                     .read = disk_read,
                                                     .write = disk_write,
                                                     .fsync = disk_fsync};
  return fuse_main(count, words, &kOperations, NULL);
}
