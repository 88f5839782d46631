// The hidden command `earful-agent inbox-worker`: imports the recordings it is told on standard
// input, one at a time, and answers on standard output (inbox_job.h), until the input ends.
//
// A process of its own with one thread, because decoders are forked from it and because encoding
// must never take a processor from a call that is being recorded: it runs at nice 10 as a batch.
#pragma once

#include <filesystem>

namespace earful::agent {

// The exit code of the program.
int run_inbox_worker(const std::filesystem::path& data_dir);

}  // namespace earful::agent
