// A client for tests that sends exactly the bytes it is told and waits, at most 20 s, for what
// comes.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace earful::raw_http {

class RawClient {
 public:
  explicit RawClient(uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawClient() { ::close(fd_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(size_t(sent));
    }
  }

  // Until the text has come, or the other end has closed, or the time is over.
  const std::string& read_until(std::string_view text,
                                std::chrono::milliseconds limit = std::chrono::seconds(20)) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (received_.find(text) == std::string::npos && !closed_) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          end - std::chrono::steady_clock::now());
      pollfd ready{fd_, POLLIN, 0};
      if (left.count() <= 0 || ::poll(&ready, 1, int(left.count())) <= 0) break;
      char buffer[65536];
      const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
      if (got <= 0) {
        closed_ = true;
      } else {
        received_.append(buffer, size_t(got));
      }
    }
    return received_;
  }

  // Everything until the other end closes.
  const std::string& read_all() { return read_until(std::string_view("\0no such text\0", 14)); }

  // Forgets what has come so far.
  void forget() { received_.clear(); }
  bool closed() const { return closed_; }
  const std::string& received() const { return received_; }

 private:
  int fd_;
  bool connected_ = false;
  bool closed_ = false;
  std::string received_;
};

struct Answer {
  int status = 0;  // 0: closed without one
  std::string head;
  std::string body;

  bool has(std::string_view header) const { return head.find(header) != std::string::npos; }
  std::string value(std::string_view name) const {
    const size_t at = head.find("\r\n" + std::string(name) + ": ");
    if (at == std::string::npos) return "";
    const size_t first = at + 4 + name.size();
    return head.substr(first, head.find("\r\n", first) - first);
  }
};

// What a chunked body (RFC 9112, 7.1) holds.
inline std::string joined_chunks(std::string_view body) {
  std::string out;
  while (!body.empty()) {
    const size_t size = std::stoul(std::string(body.substr(0, body.find("\r\n"))), nullptr, 16);
    body.remove_prefix(body.find("\r\n") + 2);
    out += body.substr(0, size);
    body.remove_prefix(std::min(body.size(), size + 2));
  }
  return out;
}

inline Answer parse_answer(const std::string& bytes) {
  Answer answer;
  if (bytes.size() < 12) return answer;
  answer.status = std::stoi(bytes.substr(9, 3));
  const size_t end = bytes.find("\r\n\r\n");
  answer.head = bytes.substr(0, end == std::string::npos ? end : end + 2);
  if (end != std::string::npos) answer.body = bytes.substr(end + 4);
  if (answer.has("Transfer-Encoding: chunked")) answer.body = joined_chunks(answer.body);
  return answer;
}

// Sends the bytes and reads until the server closes: say "Connection: close" in them.
inline Answer send_raw(uint16_t port, std::string_view bytes) {
  RawClient client(port);
  client.send(bytes);
  return parse_answer(client.read_all());
}

inline std::string host(uint16_t port) {
  return "Host: 127.0.0.1:" + std::to_string(port) + "\r\n";
}

// One whole request; headers each end in CR LF.
inline Answer request(uint16_t port, std::string_view method, std::string_view target,
                      std::string_view headers = "", std::string_view body = "") {
  std::string text = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\n" +
                     host(port) + "Connection: close\r\n" + std::string(headers);
  if (!body.empty()) {
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    if (headers.find("Content-Type") == std::string_view::npos) {
      text += "Content-Type: application/json\r\n";
    }
  }
  return send_raw(port, text + "\r\n" + std::string(body));
}

}  // namespace earful::raw_http
