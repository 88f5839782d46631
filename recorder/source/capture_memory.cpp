#include "recorder/source/capture_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace earful::recorder {
namespace {

Error failed(const char* what) {
  return {"E_DEVICE", std::string("sharing memory with a capture process: ") + what + ": " +
                          std::strerror(errno)};
}

}  // namespace

Result<SharedMemory> SharedMemory::make(size_t bytes) {
  const int fd = memfd_create("earful-capture", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return failed("memfd_create");
  if (ftruncate(fd, off_t(bytes)) != 0 ||
      fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    const Error error = failed("giving it a size");
    close(fd);
    return error;
  }
  return of(fd, bytes);
}

Result<SharedMemory> SharedMemory::of(int fd, size_t bytes) {
  void* data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (data == MAP_FAILED) {
    const Error error = failed("mmap");
    close(fd);
    return error;
  }
  return SharedMemory(fd, data, bytes);
}

SharedMemory::SharedMemory(SharedMemory&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      data_(std::exchange(other.data_, nullptr)),
      bytes_(other.bytes_) {}

SharedMemory& SharedMemory::operator=(SharedMemory&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

SharedMemory::~SharedMemory() {
  if (data_ != nullptr) munmap(data_, bytes_);
  if (fd_ >= 0) close(fd_);
}

}  // namespace earful::recorder
