# Makes NAME_generated.h from compiler/formats/NAME/NAME.fbs with flatc. The include path is private to the compiler room
# and its tests.
find_program(MOTE_FLATC flatc REQUIRED)
foreach(name tflite executorch)
  set(folder ${CMAKE_BINARY_DIR}/generated/compiler/formats/${name})
  set(schema ${CMAKE_CURRENT_LIST_DIR}/${name}/${name}.fbs)
  add_custom_command(
    OUTPUT ${folder}/${name}_generated.h
    COMMAND ${MOTE_FLATC} --cpp --scoped-enums -o ${folder} ${schema}
    DEPENDS ${schema}
    VERBATIM)
  target_sources(mote_compiler PRIVATE ${folder}/${name}_generated.h)
endforeach()
target_include_directories(mote_compiler PRIVATE ${CMAKE_BINARY_DIR}/generated)
if(TARGET mote_compiler_test)
  target_include_directories(mote_compiler_test PRIVATE ${CMAKE_BINARY_DIR}/generated)
  add_dependencies(mote_compiler_test mote_compiler)
endif()
