# Tests by scripts, without root, network or clock. Names: script/<what>.
if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/tools/CMakeLists.txt)
  add_subdirectory(tools)
endif()
add_subdirectory(bench)

set(SCRIPT_PYTHON /usr/bin/python3) # Debian's: it has the packages of .ci/packages
set(SCRIPT_PCAPS ${CMAKE_SOURCE_DIR}/pcaps)
file(GLOB SCRIPT_CAPTURES CONFIGURE_DEPENDS ${SCRIPT_PCAPS}/*.pcap*)
set(SCRIPT_HALF) # each second one, for tests that read a capture many times; all of them: by hand
set(is_wanted ON)
foreach(capture ${SCRIPT_CAPTURES})
  if(is_wanted)
    list(APPEND SCRIPT_HALF ${capture})
    set(is_wanted OFF)
  else()
    set(is_wanted ON)
  endif()
endforeach()

# script_test(NAME SCRIPT ARGUMENT...)
function(script_test name script)
  add_test(NAME script/${name} COMMAND ${SCRIPT_PYTHON} -B ${CMAKE_CURRENT_SOURCE_DIR}/scripts/${script} ${ARGN})
  set_tests_properties(script/${name} PROPERTIES ENVIRONMENT "TZ=UTC;LC_ALL=C" LABELS script TIMEOUT 300)
endfunction()

if(TARGET streams_dump)
  script_test(streams streams_compare.py $<TARGET_FILE:streams_dump> $<TARGET_FILE:nids_dump> ${SCRIPT_CAPTURES})
endif()
if(TARGET smtptrace)
  script_test(golden golden.py --program $<TARGET_FILE:smtptrace>)
  script_test(readme readme_test.py $<TARGET_FILE:smtptrace>)
  script_test(docs generate_docs.py --program $<TARGET_FILE:smtptrace>)
  script_test(manual manual_test.py)
  script_test(docs-example docs_example_test.py $<TARGET_FILE:smtptrace>)
  script_test(rules-broken broken_rules_test.py $<TARGET_FILE:smtptrace> ${SCRIPT_PCAPS}/01-clean-plain-postfix.pcap)
  script_test(schema schema_check.py $<TARGET_FILE:smtptrace> ${CMAKE_SOURCE_DIR}/docs/schema.json ${SCRIPT_CAPTURES})
  script_test(docs-output output_doc_test.py $<TARGET_FILE:smtptrace> ${SCRIPT_PCAPS}/26-user-unknown.pcap)
  script_test(formats formats_test.py $<TARGET_FILE:smtptrace> ${SCRIPT_HALF})
  script_test(html html_test.py --every 2 $<TARGET_FILE:smtptrace> ${SCRIPT_HALF})
  set_tests_properties(script/html PROPERTIES TIMEOUT 900) # a minute; longer when the machine is busy
  script_test(canary canary.py $<TARGET_FILE:smtptrace> ${SCRIPT_CAPTURES})
  set_tests_properties(script/canary PROPERTIES TIMEOUT 900) # tshark looks at each capture, too
  script_test(evidence evidence_test.py $<TARGET_FILE:smtptrace> ${SCRIPT_HALF})
  set_tests_properties(script/evidence PROPERTIES TIMEOUT 900) # tshark looks at each capture, and at its copy
  script_test(redact redact_test.py $<TARGET_FILE:smtptrace> ${SCRIPT_HALF})
  set_tests_properties(script/redact PROPERTIES TIMEOUT 900) # reads each capture many times
  script_test(cli cli_test.py $<TARGET_FILE:smtptrace> ${SCRIPT_PCAPS}/26-user-unknown.pcap
              ${SCRIPT_PCAPS}/01-clean-plain-postfix.pcap)
  script_test(coverage coverage_test.py $<TARGET_FILE:smtptrace>)
  script_test(rules rules_test.py $<TARGET_FILE:smtptrace>)
  script_test(settings settings_test.py $<TARGET_FILE:smtptrace>)
  set_tests_properties(script/settings PROPERTIES TIMEOUT 900) # three runs for each capture
  set_tests_properties(script/rules PROPERTIES TIMEOUT 900) # about as many captures as there are pairs
  script_test(forged-resets forged_resets_test.py $<TARGET_FILE:smtptrace>)
  script_test(clean-corpus clean_corpus_test.py $<TARGET_FILE:smtptrace> ${SCRIPT_PCAPS}/clean --at-least 350)
  script_test(truth truth_test.py $<TARGET_FILE:smtptrace>)
  script_test(replies-provider replies_test.py $<TARGET_FILE:smtptrace> provider
              ${CMAKE_CURRENT_SOURCE_DIR}/replies/provider-samples.tsv)
  foreach(table unseen unseen2 unseen3 unseen4 unseen5 unseen6) # replies written down before the tables knew them
    script_test(replies-${table} replies_test.py $<TARGET_FILE:smtptrace> unseen
                ${CMAKE_CURRENT_SOURCE_DIR}/replies/${table}.tsv)
  endforeach()
  script_test(replies-look-alikes replies_test.py $<TARGET_FILE:smtptrace> look-alikes
              ${CMAKE_CURRENT_SOURCE_DIR}/replies/look-alikes.tsv)
  script_test(replies-rows replies_rows_test.py)
  file(GLOB captures_with_keys CONFIGURE_DEPENDS ${SCRIPT_PCAPS}/*.keys)
  list(TRANSFORM captures_with_keys REPLACE "keys$" "pcap")
  script_test(key-logs key_logs_test.py $<TARGET_FILE:smtptrace> ${captures_with_keys})
  script_test(late-keys late_keys_test.py $<TARGET_FILE:smtptrace> ${SCRIPT_PCAPS}/02-clean-starttls13-keys.pcap
              ${SCRIPT_PCAPS}/03b-clean-starttls12-keys.pcap ${SCRIPT_PCAPS}/04-implicit465-keys.pcap)
  script_test(reply-codes replies_compare.py $<TARGET_FILE:smtptrace>)
endif()
