# The catalogue and the tables of replies become arrays of bytes in the program: generated/rules_builtin.inc
file(GLOB rules_data CONFIGURE_DEPENDS rules/catalogue/*.yaml rules/knowledge/*.tsv)
set(rules_builtin ${CMAKE_BINARY_DIR}/generated/rules_builtin.inc)
add_custom_command(
  OUTPUT ${rules_builtin}
  COMMAND ${CMAKE_COMMAND} -D OUT=${rules_builtin} "-D FILES=${rules_data}" -P ${CMAKE_SOURCE_DIR}/rules/embed.cmake
  DEPENDS ${rules_data} ${CMAKE_SOURCE_DIR}/rules/embed.cmake
  VERBATIM)
target_sources(stage_rules PRIVATE ${rules_builtin})
target_link_libraries(stage_rules PUBLIC m) # chance.c: log and exp
