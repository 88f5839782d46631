#include <CLI/CLI.hpp>
#include <cstdio>

#include "collector/command/command.h"

int main(int argc, char** argv) {
  using namespace earful::collector;
  int exit = kExitOk;
  CLI::App app("Takes events from stations, keeps each of them once, and publishes them.",
               "earful-collector");
  app.set_version_flag("--version", "earful-collector " EARFUL_VERSION);
  app.require_subcommand(1);
  add_serve(app, exit);
  add_invite(app, exit);
  add_admit(app, exit);
  add_revoke(app, exit);
  add_tail(app, exit);
  add_report(app, exit);
  add_cadence(app, exit);
  add_estimate(app, exit);
  add_export(app, exit);
  add_verify(app, exit);
  add_backup(app, exit);
  add_restore(app, exit);
  add_doctor(app, exit);
  add_check_config(app, exit);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {  // --help, --version
    return app.exit(done);
  } catch (const CLI::ParseError& fault) {
    std::fprintf(stderr, "earful-collector: %s; see earful-collector --help\n", fault.what());
    return kExitWrongUse;
  }
  return exit;
}
