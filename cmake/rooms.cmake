# mote_room(NAME DEPENDS rooms... LINKS libraries... TEST_ROOMS rooms...): the folder NAME as static library mote_NAME,
# and its *_test.cc files as one GoogleTest program mote_NAME_test. DEPENDS are the rooms to the left that it may
# include; a room that is not named there is not linked, so a wrong include fails at link time at the latest
# (tests/tidy reads the includes as well). TEST_ROOMS are what only the tests need.
function(mote_room name)
  cmake_parse_arguments(ROOM "" "" "DEPENDS;LINKS;TEST_ROOMS" ${ARGN})
  set(dir ${CMAKE_SOURCE_DIR}/${name})
  # Relative names, so that a checkout in a folder called "firmware" is not taken for one of ours.
  file(GLOB_RECURSE sources RELATIVE ${dir} CONFIGURE_DEPENDS ${dir}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_(test|fuzz|bench)\\.cc$")
  list(FILTER sources EXCLUDE REGEX "(^|/)(firmware|plugin)/")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(TRANSFORM sources PREPEND ${dir}/)
  list(TRANSFORM tests PREPEND ${dir}/)
  if(NOT sources)
    add_library(mote_${name} INTERFACE)
    set(scope INTERFACE)
  else()
    add_library(mote_${name} STATIC ${sources})
    set_target_properties(mote_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    set(scope PUBLIC)
  endif()
  target_include_directories(mote_${name} ${scope} ${CMAKE_SOURCE_DIR})
  foreach(room ${ROOM_DEPENDS})
    target_link_libraries(mote_${name} ${scope} mote_${room})
  endforeach()
  target_link_libraries(mote_${name} ${scope} ${ROOM_LINKS})
  if(MOTE_TESTS AND tests)
    mote_test(mote_${name}_test SOURCES ${tests} LINKS mote_${name} ${ROOM_TEST_ROOMS})
  endif()
endfunction()

# mote_test(NAME [ORACLES] SOURCES files... LINKS targets...): one GoogleTest program, its cases listed in ctest one by
# one, so that a case that is skipped hides no other that fails. ORACLES: they ask the Python of build/oracles, which
# tests/conformance makes. Tests find the source tree in MOTE_SOURCE_DIR and the program in MOTE_PROGRAM (environment variables, so no path is
# compiled in).
function(mote_test name)
  cmake_parse_arguments(TEST "ORACLES" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${TEST_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${TEST_LINKS} GTest::gtest_main)
  set(more ENVIRONMENT_MODIFICATION "MOTE_PROGRAM=set:${CMAKE_BINARY_DIR}/mote")
  if(TEST_ORACLES)
    set(more LABELS oracles FIXTURES_REQUIRED oracles
      ENVIRONMENT_MODIFICATION "MOTE_ORACLE_PYTHON=set:${CMAKE_BINARY_DIR}/oracles/bin/python")
  endif()
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 DISCOVERY_MODE PRE_TEST
    PROPERTIES ENVIRONMENT "MOTE_SOURCE_DIR=${CMAKE_SOURCE_DIR}" ${more})
endfunction()
