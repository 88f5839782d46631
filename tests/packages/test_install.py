"""A contact center's first and later days, in a clean Debian 12 under its own systemd: install, enrol, take a call in,
tag, report, upgrade, refuse a downgrade, remove, purge."""

import json
import os
import re
import shutil

import pytest
from conftest import ROOT, run
from machine import Machine, in_root, make_root

CALL = "support-2026-11-05-1120"


def repacked(package, folder, version):
    """The same package under a later version."""
    tree = folder / package.name
    run("dpkg-deb", "-R", package, tree)
    control = tree / "DEBIAN/control"
    old = re.search(r"^Version: (.*)$", control.read_text(), re.M)[1]
    text = control.read_text().replace(f"Version: {old}", f"Version: {version}")
    control.write_text(text.replace(f"earful-common (= {old})", f"earful-common (= {version})"))
    run("dpkg-deb", "--root-owner-group", "-Zgzip", "-b", tree, folder)
    shutil.rmtree(tree)


@pytest.fixture(scope="module")
def root(packages, tmp_path_factory):
    if os.geteuid() != 0:
        pytest.skip("only root can boot a Debian of its own")
    home = tmp_path_factory.mktemp("debian")
    root = make_root(ROOT / "build/release/clean-root", home / "root")
    (root / "packages").mkdir()
    later = root / "packages/later"
    later.mkdir()
    for package in packages.glob("*.deb"):
        shutil.copy(package, root / "packages")
        repacked(package, later, "0.1.0+later")
    in_root(root, "apt-get", "update", "-q")
    in_root(root, "sh", "-c", "apt-get install -y --no-install-recommends /packages/*.deb")
    in_root(root, "useradd", "-m", "dana")
    yield root
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def machine(root):
    with Machine(root) as machine:
        yield machine


def api(machine, method, path, body=None):
    token = machine.sh("cat /var/lib/earful/agent/console.token")
    status, answer = machine.request(method, path, token, body)
    assert status in (200, 201), answer
    return json.loads(answer)


def state(machine, unit, what):
    return machine.sh(f"systemctl show -P {what} {unit}")


def tag(machine, position_ms):
    [call] = [call for call in api(machine, "GET", "/api/v1/calls")["calls"] if call["queue"] == "support"]
    body = json.dumps({"call_id": call["call_id"], "kind": "wrong-charge", "position_ms": position_ms})
    return api(machine, "POST", "/api/v1/tags", body)["event_id"]


def stored(machine):
    return machine.sh("earful-collector tail --json")


def test_1_the_collector_runs_at_once_and_the_station_when_it_is_wanted(machine):
    machine.wait_for(lambda: state(machine, "earful-collector", "ActiveState") == "active")
    assert state(machine, "earful-collector", "User") == "earful-collector"
    machine.wait_for(lambda: "events stored" in state(machine, "earful-collector", "StatusText"))
    assert state(machine, "earful-agent", "ActiveState") == "inactive"
    assert machine.sh("stat -c '%a %U' /var/lib/earful/collector /var/lib/earful/agent").splitlines() == [
        "700 earful-collector", "700 earful-agent"]


def test_2_a_station_enrols_by_an_invite_it_is_handed(machine):
    machine.sh("mkdir -p -m 700 /etc/credstore; umask 077;"
               "earful-collector invite desk --address 127.0.0.1 > /etc/credstore/earful.invite;"
               "systemctl enable --now earful-agent")
    assert "127.0.0.1 (intake 7301" in machine.sh("earful-agent identity")
    machine.wait_for(lambda: state(machine, "earful-agent", "StatusText") == "all delivered")


def test_3_a_call_is_taken_in_tagged_and_reported(machine):
    machine.sh(f"mkdir /srv/in; cp /usr/share/earful/samples/{CALL}.* /srv/in; chmod -R a+rX /srv/in;"
               "earful-agent import /srv/in")
    machine.wait_for(lambda: api(machine, "GET", "/api/v1/calls")["calls"])
    event = tag(machine, 2000)
    machine.wait_for(lambda: event in stored(machine))
    assert "wrong-charge" in machine.sh("earful-collector report --json")
    others = machine.sh("find /var/lib/earful/agent ! -user earful-agent; find /var/lib/earful/collector ! -user earful-collector")
    assert others == "", "root left files of its own"


def test_4_an_inbox_works_inside_the_sandbox(machine):
    machine.sh("mkdir /srv/recordings; printf '\\n[[inbox]]\\npath = \"/srv/recordings\"\\n' >> /etc/earful/agent.toml;"
               "systemctl restart earful-agent; cp /usr/share/earful/samples/orders-2026-11-14-1830.* /srv/recordings/;"
               "chmod -R a+rX /srv/recordings")
    machine.wait_for(lambda: "orders" in machine.sh("earful-agent calls"), 60)


def test_5_a_proxy_and_a_certificate_reach_the_station_inside_the_sandbox(machine):
    machine.sh("cp /etc/earful/agent.toml /root/agent.toml; mkdir -p /etc/systemd/system/earful-agent.service.d;"
               "printf '[Service]\nSupplementaryGroups=audio www-data\nLoadCredential=tls_key:/root/key.pem\n'"
               " > /etc/systemd/system/earful-agent.service.d/override.conf; umask 077; echo secret > /root/key.pem;"
               "printf '[http]\nlisten = \"unix:/run/earful-agent/console.sock\"\npublic_origin = \"https://e.example\"\n"
               "identity_header = \"X-Forwarded-User\"\nsocket_group = \"www-data\"\n' > /etc/earful/agent.toml;"
               "chmod 644 /etc/earful/agent.toml; systemctl daemon-reload; systemctl restart earful-agent")
    assert machine.sh("stat -c '%a %U %G' /run/earful-agent/console.sock") == "660 earful-agent www-data"
    credentials = "/run/credentials/earful-agent.service"
    pid = state(machine, "earful-agent", "MainPID")
    assert machine.sh(f"nsenter -t {pid} -m -S $(id -u earful-agent) cat {credentials}/tls_key") == "secret"
    machine.sh("cp /root/agent.toml /etc/earful/agent.toml; rm /root/agent.toml /root/key.pem;"
               "rm -r /etc/systemd/system/earful-agent.service.d; systemctl daemon-reload; systemctl restart earful-agent")


def test_6_the_sandbox_is_on_and_refuses_nothing_the_programs_need(machine):
    for unit in ("earful-agent", "earful-collector"):
        pid = state(machine, unit, "MainPID")
        status = machine.sh(f"cat /proc/{pid}/status")
        assert re.search(r"Seccomp:\s+2", status) and re.search(r"CapEff:\s+0+$", status, re.M)
        assert re.search(r"NoNewPrivs:\s+1", status)
        assert machine.sh(f"journalctl -q -u {unit} -p warning --no-pager") == ""
        assert int(state(machine, unit, "WatchdogTimestampMonotonic")) > 0
    assert machine.sh("find /var/log -name '*earful*'") == ""
    token = machine.sh("cat /var/lib/earful/agent/console.token")
    assert token not in machine.sh("journalctl --no-pager"), "the journal would let its readers in"


def test_7_doctor_finds_nothing(machine):
    for program in ("earful-agent", "earful-collector"):
        assert machine.sh(f"{program} doctor").endswith("healthy")


def test_8_a_desk_has_the_user_unit(machine):
    machine.sh("systemctl stop earful-agent; loginctl enable-linger dana")
    uid = machine.sh("id -u dana")
    machine.wait_for(lambda: state(machine, f"user@{uid}", "ActiveState") == "active")
    as_dana = f"setpriv --reuid=dana --regid=dana --init-groups env HOME=/home/dana XDG_RUNTIME_DIR=/run/user/{uid} "
    assert "#token=" in machine.sh("cd /; " + as_dana + "sh -c 'systemctl --user start earful-agent && earful-agent open'")
    assert machine.sh("stat -c '%a %U' /home/dana/.local/state/earful/agent") == "700 dana"
    machine.sh("cd /; " + as_dana + "systemctl --user stop earful-agent; loginctl disable-linger dana")
    machine.sh("systemctl start earful-agent")


def test_9_an_upgrade_over_running_programs_keeps_everything(machine):
    before = stored(machine)
    pid = state(machine, "earful-collector", "MainPID")
    machine.sh("DEBIAN_FRONTEND=noninteractive dpkg -i /packages/later/*.deb")
    assert machine.sh("dpkg-query -W -f='${Version}' earful-agent") == "0.1.0+later"
    for unit in ("earful-agent", "earful-collector"):
        machine.wait_for(lambda unit=unit: state(machine, unit, "ActiveState") == "active")
    assert state(machine, "earful-collector", "MainPID") != pid
    assert "/srv/recordings" in machine.sh("cat /etc/earful/agent.toml")
    event = tag(machine, 4000)
    machine.wait_for(lambda: event in stored(machine))
    assert stored(machine).startswith(before)


def test_10_a_backup_is_put_back_as_the_manual_says(machine):
    machine.sh("install -d -o earful-collector -m 700 /srv/backup; earful-collector backup /srv/backup/monday;"
               "cp -p /var/lib/earful/collector/keys.db /root/keys.db")
    later = tag(machine, 6000)
    machine.wait_for(lambda: later in stored(machine))
    before = stored(machine)
    machine.sh("systemctl stop earful-collector; rm -r /var/lib/earful/collector; systemctl start earful-collector;"
               "systemctl stop earful-collector; earful-collector restore --force /srv/backup/monday;"
               "install -o earful-collector -m 600 /root/keys.db /var/lib/earful/collector/keys.db;"
               "systemctl start earful-collector; rm /root/keys.db")
    assert machine.sh("earful-collector verify").splitlines()[-1].startswith("clean")
    machine.wait_for(lambda: later in stored(machine), 60)
    assert stored(machine).count("\n") == before.count("\n")


def test_11_a_program_older_than_its_data_says_so_and_changes_nothing(machine):
    machine.sh("systemctl stop earful-collector;"
               "sqlite3 /var/lib/earful/collector/store.db \"UPDATE meta SET value = 2 WHERE key = 'format'\"")
    assert machine.run("systemctl", "start", "earful-collector", check=False).returncode != 0
    said = machine.sh("journalctl -q -u earful-collector -n 30 -o cat --no-pager")
    assert "it has format 2, this program knows 1; use the newer program" in said
    machine.sh("systemctl stop earful-collector;"
               "sqlite3 /var/lib/earful/collector/store.db \"UPDATE meta SET value = 1 WHERE key = 'format'\";"
               "systemctl reset-failed earful-collector; systemctl start earful-collector")


def test_12_removing_keeps_the_data_and_purging_leaves_nothing(machine):
    said = machine.sh("dpkg -r earful-agent earful-collector earful-common 2>&1")
    assert "/var/lib/earful/collector is kept" in said and "/var/lib/earful/agent is kept" in said
    assert machine.sh("ls /var/lib/earful/collector/store.db")
    said = machine.sh("dpkg -P earful-agent earful-collector earful-common 2>&1")
    assert "deleting /var/lib/earful/collector" in said and "every stored event" in said
    machine.sh("rm -r /srv/backup /etc/credstore /packages /home/dana")
    left = machine.sh("find / -xdev -name '*earful*' ! -path '/proc/*' ! -path '/sys/*' ! -path '/var/log/journal/*'")
    assert left == ""
    assert machine.sh("grep earful /etc/passwd /etc/group /etc/shadow || true") == ""
