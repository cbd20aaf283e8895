# Installs the library into an empty folder, builds this project against it, runs the program.
# Needs LIBRARY_BUILD_DIR, WORK_DIR, GENERATOR, COMPILER, VERSION.

function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE "${WORK_DIR}")
set(prefix "${WORK_DIR}/prefix")
run("${CMAKE_COMMAND}" --install "${LIBRARY_BUILD_DIR}" --prefix "${prefix}")
run("${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}" -B "${WORK_DIR}/build" -G "${GENERATOR}"
    "-DCMAKE_CXX_COMPILER=${COMPILER}" -DCMAKE_BUILD_TYPE=Release "-DCMAKE_PREFIX_PATH=${prefix}"
    "-DCONVGRAD_WANTED_VERSION=${VERSION}")
run("${CMAKE_COMMAND}" --build "${WORK_DIR}/build")

# What was found must be what was installed here, not a copy elsewhere on the machine.
file(STRINGS "${WORK_DIR}/build/CMakeCache.txt" found REGEX "^convgrad_DIR:")
string(FIND "${found}" "${prefix}/" position)
if(position EQUAL -1)
  message(FATAL_ERROR "the consumer found another convgrad: ${found}")
endif()

run("${WORK_DIR}/build/consumer")
