#include <CLI/CLI.hpp>

#include "agent/command/command.h"

int main(int argc, char** argv) {
  using namespace earful::agent;
  int exit = kExitOk;
  CLI::App app("Keeps calls, serves the console to listeners, and never loses a tag.",
               "earful-agent");
  app.set_version_flag("--version", "earful-agent " EARFUL_VERSION);
  app.require_subcommand(1);
  add_serve(app, exit);
  add_join(app, exit);
  add_import(app, exit);
  add_inbox_worker(app, exit);
  add_calls(app, exit);
  add_devices(app, exit);
  add_record(app, exit);
  add_export(app, exit);
  add_hour(app, exit);
  add_journal(app, exit);
  add_identity(app, exit);
  add_listener(app, exit);
  add_open(app, exit);
  add_doctor(app, exit);
  add_check_config(app, exit);
  add_capture_child(app, exit);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {  // --help, --version
    return app.exit(done);
  } catch (const CLI::ParseError& fault) {
    return wrong_use(fault.what());
  }
  return exit;
}
