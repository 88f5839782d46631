# The Debian packages that CPack makes; packaging/build calls it.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME earful)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # each package has its own
set(CPACK_PACKAGE_CONTACT "earful maintainers <maintainers@users.noreply.h-seed-12b38b1c.example>")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL agent collector common)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION comm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(same_version "earful-common (= ${PROJECT_VERSION})")
set(unit_tools "init-system-helpers (>= 1.65), passwd, systemd | systemd-standalone-sysusers, \
systemd | systemd-standalone-tmpfiles")
set(summary_agent "keeps support calls and lets a listener tag a moment with one key")
set(about_agent "It imports recordings or captures a line, serves a page on this machine on
which a listener hears a call and presses one key at the moment something
goes wrong, and delivers every tag to a collector exactly once, in effect.")
set(summary_collector "keeps the tags of all listeners and reports what recurs")
set(about_collector "It takes tags from stations over encrypted connections, stores each of them
once, shows them to every other listener at once, and reports which problems
recur. Reports name problems and policies, never people.")
set(summary_common "files that earful-agent and earful-collector share")
set(about_common "The console's page, the schema of the wire, the default tag book, bundled
calls to try it with, and the manual.")

# What is asked before the unit is enabled: a desk has the user unit, so the agent's waits for its administrator.
set(and_enabled_once_agent "deb-systemd-helper debian-installed earful-agent.service && ")
set(and_enabled_once_collector "")
set(what_data_is_agent "calls, journal, keys and personal links")
set(what_data_is_collector "every stored event, keys")

foreach(name agent collector common)
  string(TOUPPER ${name} component)
  set(CPACK_DEBIAN_${component}_PACKAGE_NAME earful-${name})
  set(CPACK_DEBIAN_${component}_DESCRIPTION "${summary_${name}}\n${about_${name}}")
endforeach()
set(CPACK_DEBIAN_COMMON_PACKAGE_ARCHITECTURE all)
foreach(name agent collector)
  string(TOUPPER ${name} component)
  set(PACKAGE earful-${name})
  set(DATA_DIR /var/lib/earful/${name})
  set(WHAT_DATA_IS "${what_data_is_${name}}")
  set(AND_ENABLED_ONCE "${and_enabled_once_${name}}")
  set(control ${CMAKE_CURRENT_BINARY_DIR}/control/${name})
  foreach(script postinst prerm postrm)
    configure_file(debian/${script}.in ${control}/${script} @ONLY)
    list(APPEND CPACK_DEBIAN_${component}_PACKAGE_CONTROL_EXTRA ${control}/${script})
  endforeach()
  file(WRITE ${control}/conffiles "${EARFUL_CONFIG_DIR}/${name}.toml\n")
  list(APPEND CPACK_DEBIAN_${component}_PACKAGE_CONTROL_EXTRA ${control}/conffiles)
  set(CPACK_DEBIAN_${component}_PACKAGE_DEPENDS "${same_version}, ${unit_tools}")
  set(CPACK_DEBIAN_${component}_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_${component}_DEBUGINFO_PACKAGE ON)
endforeach()
set(CPACK_DEBIAN_AGENT_PACKAGE_SUGGESTS "nginx-light | nginx, xdg-utils")
include(CPack)
