// A calendar (RFC 5545) with the weekly hour in it, for who wants to be reminded. It says nothing
// about anybody, so it needs no session: calendars that subscribe have none.
#include <array>
#include <cstdio>

#include "agent/http/api_context.h"
#include "agent/http/api_error.h"

namespace earful::agent {
namespace {

struct Weekday {
  std::string_view name;
  std::string_view ical;
};
constexpr std::array<Weekday, 7> kDays{{{"sunday", "SU"},
                                        {"monday", "MO"},
                                        {"tuesday", "TU"},
                                        {"wednesday", "WE"},
                                        {"thursday", "TH"},
                                        {"friday", "FR"},
                                        {"saturday", "SA"}}};

struct Words {
  std::string_view language, summary, description;
};
constexpr std::array<Words, 4> kWords{
    {{"en", "My listening hour",
      "An hour with our customers’ calls. It is drawn and waits for you:"},
     {"he", "שעת ההאזנה שלי", "שעה עם השיחות של הלקוחות שלנו. היא הוגרלה ומחכה לך:"},
     {"ko", "나의 청취 시간",
      "고객의 통화를 듣는 한 시간입니다. 무작위로 뽑힌 통화가 기다리고 있습니다:"},
     {"lo", "ຊົ່ວໂມງຮັບຟັງຂອງຂ້ອຍ", "ໜຶ່ງຊົ່ວໂມງກັບສາຍໂທຂອງລູກຄ້າ. ສາຍຖືກສຸ່ມໄວ້ແລ້ວ ແລະ ລໍຖ້າທ່ານ:"}}};

struct Wanted {
  size_t day = 0;
  int hour = 9, minute = 0;
  const Words* words = &kWords[0];
};

Result<Wanted> read_query(const ApiContext& context, const HttpRequest& request) {
  Wanted wanted;
  const auto day_called = [](std::string_view name) {
    size_t day = 0;
    while (day < kDays.size() && kDays[day].name != name) ++day;
    return day;
  };
  wanted.day = day_called(context.site.calendar.first_day());
  for (const auto& [name, value] : request.query) {
    if (name == "day") {
      wanted.day = day_called(value);
      if (wanted.day == kDays.size()) {
        return Error{"E_QUERY", "day must be sunday, monday, tuesday and so on."};
      }
    } else if (name == "at") {
      int end = 0;
      const bool read =
          std::sscanf(value.c_str(), "%2d:%2d%n", &wanted.hour, &wanted.minute, &end) == 2;
      if (!read || size_t(end) != value.size() || wanted.hour < 0 || wanted.hour > 23 ||
          wanted.minute < 0 || wanted.minute > 59) {
        return Error{"E_QUERY", "at must be a time of day such as 09:00."};
      }
    } else if (name == "language") {
      for (const Words& words : kWords) {
        if (words.language == value) wanted.words = &words;
      }
    } else {
      return Error{"E_QUERY", "There is only day, at and language here."};
    }
  }
  return wanted;
}

// Lines of at most 75 bytes, never cut within a character.
void put_line(std::string& out, std::string_view line) {
  for (size_t room = 75; line.size() > room; room = 74) {
    size_t cut = room;
    while ((uint8_t(line[cut]) & 0xc0) == 0x80) --cut;
    out.append(line.substr(0, cut)).append("\r\n ");
    line.remove_prefix(cut);
  }
  out.append(line).append("\r\n");
}

std::string digits_of(std::string_view day) {
  std::string digits;
  for (const char c : day) {
    if (c != '-') digits += c;
  }
  return digits;
}

std::string calendar_text(const ApiContext& context, const HttpRequest& request,
                          const Wanted& wanted) {
  const SiteCalendar& calendar = context.site.calendar;
  const WallTime now = wall_now();
  // From this week on; the time is that of the place where the calendar is read (RFC 5545, 3.3.5).
  const Week week = calendar.week_of(now);
  std::string day = week.first_day;
  for (int i = 0; i < 7; ++i) {
    const std::string at = calendar.day_of(week.from + std::chrono::hours(24 * i + 12));
    const auto start = parse_rfc3339(at + "T00:00:00Z");
    const auto weekday = std::chrono::weekday(std::chrono::floor<std::chrono::days>(*start));
    if (weekday.c_encoding() == wanted.day) day = at;
  }
  char time[16];
  std::snprintf(time, sizeof time, "T%02d%02d00", wanted.hour, wanted.minute);
  std::string stamp = digits_of(format_rfc3339(week.from).substr(0, 10)) + "T000000Z";
  const std::string scheme = request.entrance == HttpEntrance::kLoopback ? "http://" : "https://";
  const std::string page = scheme + std::string(request.header("host")) + "/#/hour";
  std::string out;
  for (const std::string& line : {
           std::string("BEGIN:VCALENDAR"),
           std::string("VERSION:2.0"),
           std::string("PRODID:-//earful//listening hour//EN"),
           "X-WR-CALNAME:" + std::string(wanted.words->summary),
           std::string("REFRESH-INTERVAL;VALUE=DURATION:P1W"),
           std::string("BEGIN:VEVENT"),
           "UID:listening-hour@" + context.api_listener.text(),
           "DTSTAMP:" + stamp,
           "DTSTART:" + digits_of(day) + time,
           "DURATION:PT" + std::to_string(context.hour_rules.hour_ms / 60'000) + "M",
           "RRULE:FREQ=WEEKLY;BYDAY=" + std::string(kDays[wanted.day].ical),
           "SUMMARY:" + std::string(wanted.words->summary),
           "DESCRIPTION:" + std::string(wanted.words->description) + " " + page,
           "URL:" + page,
           std::string("BEGIN:VALARM"),
           std::string("ACTION:DISPLAY"),
           "DESCRIPTION:" + std::string(wanted.words->summary),
           std::string("TRIGGER:-PT10M"),
           std::string("END:VALARM"),
           std::string("END:VEVENT"),
           std::string("END:VCALENDAR"),
       }) {
    put_line(out, line);
  }
  return out;
}

}  // namespace

void add_reminder_routes(HttpServer& server, ApiContext& context) {
  server.route("GET", "/api/v1/hour.ics",
               [&context](const HttpRequest& request, const HttpResponder& responder) {
                 const auto wanted = read_query(context, request);
                 if (!wanted.ok()) return responder.send(refusal(wanted.error()));
                 HttpResponse response =
                     HttpResponse::text(200, calendar_text(context, request, *wanted));
                 response.content_type = "text/calendar; charset=utf-8";
                 responder.send(std::move(response));
               });
}

}  // namespace earful::agent
