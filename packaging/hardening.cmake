# What every program is built with beyond its own flags. tests/e2e/test_hardening.py looks for each of
# these in what came out.

# A built file says nothing of where it was built, so one commit makes one file in any folder. ccache may hand
# the compiler relative paths: those as well. Of several that fit the last one counts.
file(RELATIVE_PATH source_from_build ${PROJECT_BINARY_DIR} ${PROJECT_SOURCE_DIR})
add_compile_options(
  "-ffile-prefix-map=${source_from_build}="
  "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/="
  "-ffile-prefix-map=${PROJECT_BINARY_DIR}/=")

# Sanitizers bring checks of their own, and the checked C library functions need an optimizer.
if(NOT EARFUL_SANITIZE)
  add_compile_options(
    -fstack-protector-strong -fstack-clash-protection -fcf-protection
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE>
    $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=3>)
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed)
endif()

# CMAKE_POSITION_INDEPENDENT_CODE alone leaves -pie to the compiler's taste.
include(CheckPIESupported)
check_pie_supported()
