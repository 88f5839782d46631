#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>

#include "agent/command/command.h"
#include "agent/export/call_export.h"
#include "recorder/codec/clip.h"

namespace earful::agent {
namespace {

struct ExportOptions {
  std::filesystem::path data;
  std::string call;
  std::string format = "webvtt";
  std::string language = "en";
  std::string tag;
  double from_s = 0;
  double to_s = -1;  // the end
  std::filesystem::path out;
  bool force = false;
};

// Piece by piece until it says that there is no more.
using Pieces = std::function<Result<bool>(std::string& out)>;

Result<void> write_all(std::FILE* file, const std::string& name, const Pieces& pieces) {
  for (bool more = true; more;) {
    std::string piece;
    EARFUL_ASSIGN(more, pieces(piece));
    if (std::fwrite(piece.data(), 1, piece.size(), file) != piece.size()) {
      return Error{"E_FILE", "writing " + name + ": " + std::strerror(errno)};
    }
  }
  if (std::fflush(file) != 0)
    return Error{"E_FILE", "writing " + name + ": " + std::strerror(errno)};
  return {};
}

Result<void> write_file(const ExportOptions& options, const Pieces& pieces) {
  if (options.out.empty()) return write_all(stdout, "the export", pieces);
  const std::string name = options.out.string();
  std::FILE* file = std::fopen(name.c_str(), options.force ? "wbe" : "wbex");
  if (!file && errno == EEXIST) {
    return Error{"E_FILE",
                 "writing " + name + ": it is there already; choose another name or add --force"};
  }
  if (!file) return Error{"E_FILE", "writing " + name + ": " + std::strerror(errno)};
  Result<void> written = write_all(file, name, pieces);
  if (std::fclose(file) != 0 && written.ok()) {
    written = Error{"E_FILE", "writing " + name + ": " + std::strerror(errno)};
  }
  return written;
}

Result<Pieces> clip_pieces(const ExportOptions& options, const recorder::Library& library,
                           const HeardCall& heard) {
  const recorder::Call& call = heard.call;
  Position from = position_of_ms(options.from_s * 1000);
  Position to = options.to_s < 0 ? call.duration : position_of_ms(options.to_s * 1000);
  if (!options.tag.empty()) {
    const auto found =
        std::find_if(heard.tags.begin(), heard.tags.end(),
                     [&](const HeardTag& each) { return each.tag.id.text() == options.tag; });
    if (found == heard.tags.end()) return Error{"E_NO_TAG", "the call has no tag " + options.tag};
    from = found->tag.start;
    to = std::max(found->tag.end, from + kPositionsPerSecond);
  }
  to = std::min(to, call.duration);
  if (call.live) return Error{"E_LIVE", "the call goes on; a clip can be had when it has ended"};
  if (from < 0 || from >= to) {
    return Error{"E_POSITION", "a clip ends after it begins, and begins before the call ends"};
  }
  const auto format =
      options.format == "wav" ? recorder::ClipFormat::kWav : recorder::ClipFormat::kOpus;
  EARFUL_ASSIGN(recorder::Clip clip,
                recorder::Clip::open(library.audio_path(call.id), from, to, format));
  return Pieces([shared = std::make_shared<recorder::Clip>(std::move(clip))](std::string& out) {
    return shared->next(out);
  });
}

Result<void> run(const ExportOptions& options) {
  const auto id = CallId::parse(options.call);
  if (!id)
    return Error{"E_NO_CALL", options.call + " is no call id; earful-agent calls lists them"};
  const std::filesystem::path folder = options.data / "library";
  std::error_code fault;
  if (!std::filesystem::exists(folder / "library.db", fault)) {
    return Error{"E_NO_CALL", "opening " + folder.string() + ": there are no calls yet"};
  }
  EARFUL_ASSIGN(recorder::Library library, recorder::Library::open(folder));
  std::optional<State> state;
  if (std::filesystem::exists(options.data / "state.db", fault)) {
    EARFUL_ASSIGN(state, State::open(options.data / "state.db", true));
  }
  auto heard = heard_call(library, state ? &*state : nullptr, *id, options.language);
  if (!heard.ok() && heard.error().code == "E_NO_CALL") {
    return Error{"E_NO_CALL",
                 "there is no call " + options.call + "; earful-agent calls lists them"};
  }
  if (!heard.ok()) return heard.error();
  if (const auto format = export_format(options.format)) {
    const std::string text = export_call(*heard, *format, wall_now());
    return write_file(options, [&](std::string& out) -> Result<bool> {
      out = text;
      return false;
    });
  }
  EARFUL_ASSIGN(const Pieces pieces, clip_pieces(options, library, *heard));
  return write_file(options, pieces);
}

}  // namespace

void add_export(CLI::App& app, int& exit) {
  auto* command =
      app.add_subcommand("export", "A call's tags, or a clip of it, for other programs");
  auto options = std::make_shared<ExportOptions>();
  add_data_option(*command, options->data);
  command->add_option("CALL", options->call, "Its id, as earful-agent calls prints it")->required();
  command
      ->add_option("--format", options->format,
                   "Tags: webvtt, audacity, csv, vcon; sound: opus, wav")
      ->capture_default_str()
      ->check(CLI::IsMember({"webvtt", "audacity", "csv", "vcon", "opus", "wav"}));
  command->add_option("--language", options->language, "Of the kinds' names: en, he, ko, lo")
      ->capture_default_str();
  command->add_option("--tag", options->tag, "Sound: the stretch of this tag");
  command->add_option("--from", options->from_s, "Sound: seconds from the beginning")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--to", options->to_s, "Sound: where it ends, in seconds")
      ->check(CLI::PositiveNumber);
  command->add_option("--out", options->out, "Write to this file (standard output)");
  command->add_flag("--force", options->force, "Write over a file that is there");
  command->callback([options, &exit] {
    const Result<void> done = run(*options);
    exit = done.ok() ? kExitOk : fail(done.error());
  });
}

}  // namespace earful::agent
