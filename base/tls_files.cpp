#include "base/tls_files.h"

#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <type_traits>

namespace earful {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxPemBytes = 1 << 20;  // a chain has some kilobytes
constexpr mode_t kOthers = 0007;          // a group may read it: Debian's ssl-cert does

template <class Handle, void (*Free)(Handle)>
struct Freer {
  void operator()(Handle handle) const { Free(handle); }
};
template <class Handle, void (*Free)(Handle)>
using Owned = std::unique_ptr<std::remove_pointer_t<Handle>, Freer<Handle, Free>>;
using Certificate = Owned<gnutls_x509_crt_t, gnutls_x509_crt_deinit>;
using Credentials = Owned<gnutls_certificate_credentials_t, gnutls_certificate_free_credentials>;

Error unreadable(const char* what, const fs::path& path, const std::string& why) {
  return {"E_TLS_FILE", std::string("read the TLS ") + what + " " + path.string() + ": " + why};
}

Result<std::string> read_pem(const char* what, const fs::path& path, mode_t forbidden) {
  // O_NONBLOCK: a FIFO must not hold up the start.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    const std::string why = std::strerror(errno);
    return unreadable(what, path, why + "; it must be there, and readable by this program's user");
  }
  struct stat info {};
  std::string text(kMaxPemBytes + 1, '\0');
  const bool file = ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
  const ssize_t got = file ? ::read(fd, text.data(), text.size()) : 0;
  const std::string fault = got < 0 ? std::strerror(errno) : "";
  ::close(fd);
  if (!file) return unreadable(what, path, "it is not a file; give the PEM file itself");
  if (!fault.empty()) return unreadable(what, path, fault);
  if ((info.st_mode & forbidden) != 0) {
    return unreadable(what, path, "others can read it; run: chmod o-rwx " + path.string());
  }
  if (size_t(got) > kMaxPemBytes) return unreadable(what, path, "it is over 1 MiB; is this it?");
  text.resize(size_t(got));
  return text;
}

gnutls_datum_t datum(const std::string& text) {
  return {reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())), unsigned(text.size())};
}

Result<Certificate> first_certificate(const fs::path& path, const std::string& pem) {
  gnutls_x509_crt_t made = nullptr;
  gnutls_x509_crt_init(&made);
  Certificate certificate(made);
  const gnutls_datum_t bytes = datum(pem);
  if (gnutls_x509_crt_import(made, &bytes, GNUTLS_X509_FMT_PEM) != GNUTLS_E_SUCCESS) {
    return Error{"E_TLS", "the TLS certificate " + path.string() +
                              ": it holds no certificate in PEM; give a file that begins with "
                              "-----BEGIN CERTIFICATE-----"};
  }
  return certificate;
}

Result<void> check_pair(const fs::path& certificate, const fs::path& key, const TlsFiles& files) {
  gnutls_certificate_credentials_t made = nullptr;
  gnutls_certificate_allocate_credentials(&made);
  const Credentials credentials(made);
  const gnutls_datum_t chain = datum(files.certificate), secret = datum(files.key);
  const int fault = gnutls_certificate_set_x509_key_mem(made, &chain, &secret, GNUTLS_X509_FMT_PEM);
  if (fault >= 0) return {};
  if (fault == GNUTLS_E_CERTIFICATE_KEY_MISMATCH) {
    return Error{"E_TLS", "the TLS key " + key.string() + " is not that of the certificate " +
                              certificate.string() + "; give the two that were made together"};
  }
  return Error{"E_TLS", "the TLS key " + key.string() + ": " + gnutls_strerror(fault) +
                            "; give a private key in PEM without a password"};
}

std::string warning_about(const fs::path& path, gnutls_x509_crt_t certificate,
                          const std::string& host, WallTime now) {
  const auto day = [](time_t time) {
    return format_rfc3339(WallTime(std::chrono::seconds(time))).substr(0, 10);
  };
  const time_t seconds = std::chrono::system_clock::to_time_t(now);
  const time_t from = gnutls_x509_crt_get_activation_time(certificate);
  const time_t until = gnutls_x509_crt_get_expiration_time(certificate);
  const std::string what = "the TLS certificate " + path.string();
  const std::string then = "; browsers will warn until there is another";
  if (until < seconds) return what + " expired on " + day(until) + then;
  if (from > seconds) return what + " is not valid before " + day(from) + then;
  if (!gnutls_x509_crt_check_hostname(certificate, host.c_str())) {
    return what + " is not for " + host + then;
  }
  return "";
}

}  // namespace

Result<TlsFiles> read_tls_files(const fs::path& certificate, const fs::path& key,
                                const std::string& host, WallTime now) {
  TlsFiles files;
  EARFUL_ASSIGN(files.certificate, read_pem("certificate", certificate, 0));
  EARFUL_ASSIGN(files.key, read_pem("key", key, kOthers));
  EARFUL_ASSIGN(const Certificate first, first_certificate(certificate, files.certificate));
  EARFUL_TRY(check_pair(certificate, key, files));
  files.warning = warning_about(certificate, first.get(), host, now);
  return files;
}

}  // namespace earful
