// Looks for a tone in what a process may write, or in files, as samples at a given rate.
//
//   find_tone HZ RATE WHERE...      WHERE: the number of a process, or a path
//
// Prints "WHERE LAYOUT AT" for the first place of each layout: 16-bit samples of one leg or interleaved
// with another's, or floats. A tone of twice the window is found wherever it lies; a quiet one, or one
// below other sound, is not.
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 64, HOP = 32, CHUNK = 1 << 20, OVERLAP = 1 << 10 };  // samples; then bytes
static const double LOUD = 1000, LOUD_FLOAT = 0.03, PURE = 0.9;

static float cosines[WINDOW], sines[WINDOW];

// Whether all there is in this window is the tone.
static int is_tone(const float* x, double loud) {
  double energy = 0, real = 0, imaginary = 0;
  for (int i = 0; i < WINDOW; ++i) {
    energy += (double)x[i] * x[i];
    real += x[i] * cosines[i];
    imaginary += x[i] * sines[i];
  }
  if (!(energy > WINDOW * loud * loud) || !isfinite(energy)) return 0;
  return 2 * (real * real + imaginary * imaginary) / (WINDOW * energy) > PURE;
}

struct Layout {
  const char* name;
  size_t from, step, size;  // bytes
  double loud;
};
static const struct Layout LAYOUTS[] = {{"int16", 0, 2, 2, LOUD},
                                        {"int16 of the first of two", 0, 4, 2, LOUD},
                                        {"int16 of the second of two", 2, 4, 2, LOUD},
                                        {"int16 at odd bytes", 1, 2, 2, LOUD},
                                        {"int16 of the first of two at odd bytes", 1, 4, 2, LOUD},
                                        {"int16 of the second of two at odd bytes", 3, 4, 2, LOUD},
                                        {"float", 0, 4, 4, LOUD_FLOAT}};
enum { COUNT = sizeof LAYOUTS / sizeof *LAYOUTS };

static void scan(const char* where, const uint8_t* bytes, size_t size, uint64_t at, int* found) {
  for (int n = 0; n < COUNT; ++n) {
    const struct Layout* layout = &LAYOUTS[n];
    const size_t span = layout->from + layout->step * WINDOW;
    for (size_t begin = 0; !found[n] && begin + span <= size; begin += layout->step * HOP) {
      float x[WINDOW];
      for (size_t i = 0; i < WINDOW; ++i) {
        const uint8_t* sample = bytes + begin + layout->from + i * layout->step;
        int16_t whole;
        if (layout->size == sizeof x[i]) {
          memcpy(&x[i], sample, sizeof x[i]);
        } else {
          memcpy(&whole, sample, sizeof whole);
          x[i] = whole;
        }
      }
      if (!is_tone(x, layout->loud)) continue;
      found[n] = 1;
      printf("%s %s %llx\n", where, layout->name, (unsigned long long)(at + begin));
    }
  }
}

// What cannot be read is not there: a process unmaps memory while we look. Returns what was read.
static uint64_t scan_range(const char* where, FILE* from, uint64_t begin, uint64_t end, int* found) {
  static uint8_t chunk[CHUNK];
  uint64_t total = 0;
  for (uint64_t at = begin; at < end; at += CHUNK - OVERLAP) {
    const size_t wanted = end - at < CHUNK ? (size_t)(end - at) : CHUNK;
    if (fseek(from, (long)at, SEEK_SET) != 0) break;
    const size_t got = fread(chunk, 1, wanted, from);
    scan(where, chunk, got, at, found);
    total += got;
    if (got < wanted) break;
  }
  return total;
}

static uint64_t scan_process(const char* pid, int* found) {
  char path[64], line[4096];
  uint64_t total = 0;
  snprintf(path, sizeof path, "/proc/%s/maps", pid);
  FILE* maps = fopen(path, "r");
  snprintf(path, sizeof path, "/proc/%s/mem", pid);
  FILE* memory = fopen(path, "r");
  if (!maps || !memory) return 0;
  while (fgets(line, sizeof line, maps)) {
    unsigned long long begin, end;
    char rights[5];
    if (sscanf(line, "%llx-%llx %4s", &begin, &end, rights) != 3 || rights[1] != 'w') continue;
    clearerr(memory);
    total += scan_range(pid, memory, begin, end, found);
  }
  fclose(maps);
  fclose(memory);
  return total;
}

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  for (int i = 0; i < WINDOW; ++i) {
    const double angle = 2 * acos(-1) * atof(argv[1]) * i / atof(argv[2]);
    cosines[i] = (float)cos(angle);
    sines[i] = (float)sin(angle);
  }
  for (int n = 3; n < argc; ++n) {
    int found[COUNT] = {0};
    if (strspn(argv[n], "0123456789") == strlen(argv[n])) {
      if (scan_process(argv[n], found) == 0) return 1;
      continue;
    }
    FILE* file = fopen(argv[n], "r");
    if (!file && errno == ENOENT) continue;  // gone since it was listed
    if (!file) return 1;
    scan_range(argv[n], file, 0, UINT64_MAX >> 1, found);
    fclose(file);
  }
  return 0;
}
