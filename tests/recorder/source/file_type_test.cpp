#include "recorder/source/file_type.h"

#include <gtest/gtest.h>

#include <string>

namespace earful::recorder {
namespace {

TEST(FileType, GoesByWhatAFileLooksLike) {
  using enum FileType;
  EXPECT_EQ(file_type_of(""), kEmpty);
  EXPECT_EQ(file_type_of("RIFF"), kWav);
  EXPECT_EQ(file_type_of("fLaC...."), kFlac);
  EXPECT_EQ(file_type_of("ID3\x04"), kMp3);
  EXPECT_EQ(file_type_of("\xff\xfb\x90\x64"), kMp3);
  EXPECT_EQ(file_type_of("\xff\xff\xff\xff"), kUnknown);
  EXPECT_EQ(file_type_of(std::string("\0\0\0\x18", 4) + "ftypM4A "), kMp4);
  EXPECT_EQ(file_type_of("just some words"), kText);
  EXPECT_EQ(file_type_of("OggS........OpusHead"), kOggOpus);
  EXPECT_EQ(file_type_of("OggS........\x01vorbis"), kOggOther);
}

TEST(FileType, FindsOggBehindJunkInTheFirst64KiB) {
  const std::string ogg = "OggS........OpusHead";
  EXPECT_EQ(file_type_of(std::string(1000, '\x7f') + ogg), FileType::kOggOpus);
  EXPECT_EQ(file_type_of(std::string(kSniffBytes, '\x01')), FileType::kUnknown);
}

TEST(FileType, KnowsNamesThatPromise) {
  EXPECT_TRUE(promises_ogg("a.OPUS"));
  EXPECT_FALSE(promises_ogg("a.mp3"));
  EXPECT_TRUE(promises_audio("a.b.WAV"));
  EXPECT_FALSE(promises_audio("notes.txt"));
  EXPECT_FALSE(promises_audio("wav"));
}

}  // namespace
}  // namespace earful::recorder
