// The tables of library.db and how an older file becomes the present one, in place and in one
// transaction. One connection, one owner. Errors: E_NEWER for a file of a later version, and those
// of base/sqlite.h.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "base/sqlite.h"

namespace earful::recorder {

inline constexpr int kLibrarySchema = 2;

Result<void> settle_schema(Database& db, const std::filesystem::path& file);

}  // namespace earful::recorder
