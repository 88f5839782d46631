#include "recorder/source/capture_list.h"

#include <alsa/asoundlib.h>

#include <cstring>
#include <utility>

namespace earful::recorder {
namespace {

// PortAudio takes for a device whatever has a type. "hw" is how it opens the cards.
bool is_listed(snd_config_t* entry) {
  const char* name = "";
  snd_config_t* type = nullptr;
  return snd_config_get_type(entry) == SND_CONFIG_TYPE_COMPOUND &&
         snd_config_search(entry, "type", &type) == 0 && snd_config_get_id(entry, &name) == 0 &&
         std::strcmp(name, "hw") != 0;
}

void drop_listed(snd_config_t* configuration) {
  snd_config_t* devices = nullptr;
  if (snd_config_search(configuration, "pcm", &devices) != 0) return;
  snd_config_iterator_t at, next;
  snd_config_for_each(at, next, devices) {
    snd_config_t* const entry = snd_config_iterator_entry(at);
    if (is_listed(entry)) snd_config_delete(entry);
  }
}

}  // namespace

PaError start_portaudio(CaptureList list) {
  snd_config_t* cards = nullptr;
  if (list == CaptureList::kAll || snd_config_update() < 0 ||
      snd_config_copy(&cards, snd_config) < 0) {
    return Pa_Initialize();
  }
  drop_listed(cards);
  snd_config_t* const whole = std::exchange(snd_config, cards);
  const PaError fault = Pa_Initialize();
  // Unless a file of it was changed just now: then ALSA has read it anew and let go of the copy.
  if (snd_config == cards) {
    snd_config = whole;
    snd_config_delete(cards);
  }
  return fault;
}

}  // namespace earful::recorder
