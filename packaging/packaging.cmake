# What "cmake --install" puts where, and the Debian package that "cpack" makes of it.
include(GNUInstallDirs)
find_program(GZIP gzip REQUIRED)

set(doc_dir ${CMAKE_INSTALL_DATADIR}/doc/smtptrace)
set(packaging_dir ${CMAKE_BINARY_DIR}/packaging)
set(packaging_files)

# compressed(OUT SOURCE): a build step that makes OUT, without a time in it
function(compressed out source)
  add_custom_command(OUTPUT ${packaging_dir}/${out} COMMAND ${GZIP} -9nc ${source} > ${packaging_dir}/${out}
    DEPENDS ${source} VERBATIM)
  set(packaging_files ${packaging_files} ${packaging_dir}/${out} PARENT_SCOPE)
endfunction()

# example(FILE KIND): a file that stands in docs/RULES.md between the fences "```KIND FILE" and "```"
function(example file kind)
  set(page ${CMAKE_SOURCE_DIR}/docs/RULES.md)
  add_custom_command(OUTPUT ${packaging_dir}/${file}
    COMMAND sed -n "/^```${kind} ${file}\$/,/^```\$/{ /^```/!p }" ${page} > ${packaging_dir}/${file}
    DEPENDS ${page} VERBATIM)
  set(packaging_files ${packaging_files} ${packaging_dir}/${file} PARENT_SCOPE)
endfunction()

file(MAKE_DIRECTORY ${packaging_dir})
configure_file(packaging/debian/changelog.in ${packaging_dir}/changelog.Debian @ONLY)
compressed(changelog.Debian.gz ${packaging_dir}/changelog.Debian)
compressed(changelog.gz ${CMAKE_SOURCE_DIR}/CHANGELOG.md)
compressed(smtptrace.1.gz ${CMAKE_SOURCE_DIR}/docs/man/smtptrace.1)
compressed(smtptrace-rules.5.gz ${CMAKE_SOURCE_DIR}/docs/man/smtptrace-rules.5)
example(own-rules.yaml yaml)
example(own-replies.tsv tsv)
add_custom_target(packaging ALL DEPENDS ${packaging_files})

set(CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ
  WORLD_EXECUTE)
install(TARGETS smtptrace RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${packaging_dir}/smtptrace.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${packaging_dir}/smtptrace-rules.5.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES packaging/completion/smtptrace.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  RENAME smtptrace)
install(FILES packaging/completion/_smtptrace DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES README.md packaging/debian/copyright ${packaging_dir}/changelog.gz ${packaging_dir}/changelog.Debian.gz
  DESTINATION ${doc_dir})
install(DIRECTORY docs DESTINATION ${doc_dir} FILES_MATCHING PATTERN "*.md" PATTERN "schema.json" PATTERN "man" EXCLUDE)
install(FILES ${packaging_dir}/own-rules.yaml ${packaging_dir}/own-replies.tsv DESTINATION ${doc_dir}/examples)
install(DIRECTORY rules/catalogue rules/knowledge DESTINATION ${doc_dir}/examples)
install(FILES pcaps/01-clean-plain-postfix.pcap pcaps/06-port25-dropped-587-ok.pcap pcaps/26-user-unknown.pcap
  DESTINATION ${doc_dir}/examples/pcaps)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "smtptrace developers <smtptrace@lists.example.org>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "diagnoses from packets why mail did not go out")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
  "smtptrace follows every attempt to send mail by SMTP in a packet capture, or
on a network interface, and says why it failed: the cause, the side that has
to act, the packets that prove it, what they do not prove, and what to do.
It reads pcap and pcapng, looks inside TLS with a key log, and writes text
and JSON.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION mail)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "tcpdump, bash-completion, wireshark")
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS ${CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS})
include(CPack)
