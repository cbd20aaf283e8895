# A Node that can run relaxed SIMD: Node 20 has it behind a flag, later ones without.
#
# Emscripten runs the module while linking it (EMBIND_AOT writes the calls down that Embind would else
# evaluate from strings), so the relaxed build needs such a Node to be linked, and ctest to be run.
# Sets CONVGRAD_RELAXED_NODE to a program.

set(CONVGRAD_RELAXED_NODE "${PROJECT_BINARY_DIR}/node-relaxed-simd")

set(flag --experimental-wasm-relaxed-simd)
execute_process(COMMAND "${NODE_JS_EXECUTABLE}" ${flag} -e 0 RESULT_VARIABLE refused OUTPUT_QUIET
                        ERROR_QUIET)
if(refused)
  set(flag "")
endif()
file(CONFIGURE OUTPUT "${CONVGRAD_RELAXED_NODE}" @ONLY
     CONTENT "#!/bin/sh\nexec \"@NODE_JS_EXECUTABLE@\" @flag@ \"$@\"\n")
file(CHMOD "${CONVGRAD_RELAXED_NODE}" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
