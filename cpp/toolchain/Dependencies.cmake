# xsimd and doctest: headers only, from the system where it has them new enough, else fetched.
#
# Both are seen through one folder of links in the build tree, because handing /usr/include itself to
# Emscripten would put the headers of another C library before its own.

include(FetchContent)

set(CONVGRAD_HEADER_DIR "${PROJECT_BINARY_DIR}/headers")
file(MAKE_DIRECTORY "${CONVGRAD_HEADER_DIR}")

# convgrad_header_library(<name> VERSION_FILE <file> MACRO <prefix> MINIMUM <version>
#                         URL <archive> SHA256 <hash> INCLUDE_DIR <folder in the archive>)
# VERSION_FILE, relative to an include folder, defines <prefix>_MAJOR, _MINOR and _PATCH.
function(convgrad_header_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "VERSION_FILE;MACRO;MINIMUM;URL;SHA256;INCLUDE_DIR" "")

  find_path(CONVGRAD_${name}_INCLUDE_DIR ${arg_VERSION_FILE}
    PATHS /usr/local/include /usr/include /opt/homebrew/include
    NO_CMAKE_FIND_ROOT_PATH
    DOC "Include folder of ${name}")
  mark_as_advanced(CONVGRAD_${name}_INCLUDE_DIR)
  set(include_dir "${CONVGRAD_${name}_INCLUDE_DIR}")

  set(version 0)
  if(include_dir)
    file(READ "${include_dir}/${arg_VERSION_FILE}" text)
    set(parts "")
    foreach(part MAJOR MINOR PATCH)
      string(REGEX MATCH "#define ${arg_MACRO}_${part} ([0-9]+)" _ "${text}")
      list(APPEND parts "${CMAKE_MATCH_1}")
    endforeach()
    list(JOIN parts "." version)
  endif()

  if(version VERSION_LESS arg_MINIMUM)
    message(STATUS "${name}: none of ${arg_MINIMUM} or newer on this system, fetching ${arg_URL}")
    FetchContent_Declare(${name} URL "${arg_URL}" URL_HASH "SHA256=${arg_SHA256}"
                                 DOWNLOAD_EXTRACT_TIMESTAMP ON SOURCE_SUBDIR headers-only)
    FetchContent_MakeAvailable(${name})
    set(include_dir "${${name}_SOURCE_DIR}/${arg_INCLUDE_DIR}")
  else()
    message(STATUS "${name}: ${version} in ${include_dir}")
  endif()

  file(CREATE_LINK "${include_dir}/${name}" "${CONVGRAD_HEADER_DIR}/${name}" SYMBOLIC COPY_ON_ERROR)
endfunction()

# 13.0 is the first with every operation of simd.h on WebAssembly.
convgrad_header_library(
  xsimd
  VERSION_FILE xsimd/config/xsimd_config.hpp
  MACRO XSIMD_VERSION
  MINIMUM 13.0.0
  URL https://github.com/xtensor-stack/xsimd/archive/13.2.0.tar.gz
  SHA256 edd8cd3d548c185adc70321c53c36df41abe64c1fe2c67bc6d93c3ecda82447a
  INCLUDE_DIR include)

if(CONVGRAD_BUILD_TESTS)
  convgrad_header_library(
    doctest
    VERSION_FILE doctest/doctest.h
    MACRO DOCTEST_VERSION
    MINIMUM 2.4.9
    URL https://github.com/doctest/doctest/archive/v2.4.11.tar.gz
    SHA256 632ed2c05a7f53fa961381497bf8069093f0d6628c5f26286161fbd32a560186
    INCLUDE_DIR .)
endif()
