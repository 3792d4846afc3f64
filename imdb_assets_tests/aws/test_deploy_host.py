"""The host as its template has it: nothing from outside reaches it, it can be replaced, and its boot script waits."""

import email
import os
import re
import subprocess
from pathlib import Path

from imdb_assets.aws.deploy import stacks
from imdb_assets.aws.deploy.stacks import ALL
from imdb_assets_tests.aws.templates import resources


def test_nothing_from_outside_reaches_the_host() -> None:
    for name, group in resources("AWS::EC2::SecurityGroup"):
        for rule in group["Properties"].get("SecurityGroupIngress", []):
            assert "SourceSecurityGroupId" in rule, name
            assert not {"CidrIp", "CidrIpv6"} & rule.keys(), name
    assert not [name for name, _ in resources("AWS::EC2::NatGateway")]
    task = dict(resources("AWS::Events::Rule"))["trigger.DailyAsATask"]["Properties"]["Targets"][0]["EcsParameters"]
    assert task["NetworkConfiguration"]["AwsVpcConfiguration"]["AssignPublicIp"] == "ENABLED", "the way out without NAT"
    [host] = [resource for _, resource in resources("AWS::EC2::Instance")]
    assert host["Properties"]["MetadataOptions"]["HttpTokens"] == "required"
    assert host["Properties"]["BlockDeviceMappings"][0]["Ebs"]["Encrypted"] is True


def test_descriptions_of_network_rules_have_only_characters_that_ec2_accepts() -> None:
    for name, group in resources("AWS::EC2::SecurityGroup"):
        properties = group["Properties"]
        rules = [*properties.get("SecurityGroupIngress", []), *properties.get("SecurityGroupEgress", [])]
        for words in (properties["GroupDescription"], *(rule["Description"] for rule in rules)):
            assert re.fullmatch(r"[\w. \-:/()#,@\[\]+=&;{}!$*]{1,255}", words, re.ASCII), (name, words)


def test_the_host_can_be_replaced() -> None:
    [host] = [resource["Properties"] for _, resource in resources("AWS::EC2::Instance")]
    [data] = [resource for _, resource in resources("AWS::EC2::Volume")]
    parameters = stacks.parse(stacks.HOST.body)["Parameters"]
    # two instances cannot have one address, or one volume attached by CloudFormation, and the new one comes first
    assert "PrivateIpAddress" not in host["NetworkInterfaces"][0]
    assert not [name for name, _ in resources("AWS::EC2::VolumeAttachment")]
    # With AWS's parameter for the latest image, every update could bring another image
    assert parameters["Machine"]["Type"] == "AWS::EC2::Image::Id"
    assert stacks.HOST.pinned.keys() == {"Machine"}
    # history is not on a disk that ends with the instance
    assert data["UpdateReplacePolicy"] == "Snapshot"
    assert "/var/lib/imdb:/data" in _boot()
    # the repository is there, and may have an image, before the host starts
    assert ALL.index(stacks.IMAGES) < ALL.index(stacks.HOST) < ALL.index(stacks.TRIGGER)


def _boot() -> str:
    """What the host does at every boot, with `x` for what CloudFormation puts in."""
    [host] = [resource["Properties"] for _, resource in resources("AWS::EC2::Instance")]
    sent = re.sub(r"\$\{[A-Z][\w:]*\}", "x", host["UserData"]["Fn::Base64"]["Fn::Sub"]).replace("${!", "${")
    parts = list(email.message_from_string(sent).walk())[1:]
    assert [part.get_content_type() for part in parts] == ["text/cloud-config", "text/x-shellscript"]
    assert "[scripts-user, always]" in parts[0].get_payload()
    return str(parts[1].get_payload())


STUBS = {
    "aws": """case "$*" in
      *attach-volume*) fail attach 1 "VolumeInUse: vol-x is attached to i-old" && touch $ROOT/disk ;;
      *get-secret-value*) echo t0k3n ;;
      *get-login-password*) echo password ;;
    esac""",
    "docker": """case "$1" in
      login) cat > /dev/null ;;
      pull) fail pull 2 'no such image "latest"' ;;
      network) [ "$2" != inspect ] ;;
      run) fail run 1 "no space left on device" ;;
    esac""",
    "blkid": "exit 1",
    "mountpoint": "exit 1",
    "curl": "echo i-new",
    **dict.fromkeys(["dnf", "systemctl", "mkfs.xfs", "mount", "chown", "sleep"], ":"),
}
"""What programs do: volume and image are there only after some tries."""
FAIL = """fail() {
  n=$(cat $ROOT/$1 2> /dev/null || echo 0)
  echo $((n + 1)) > $ROOT/$1
  [ $n -ge $2 ] || { echo "$3" >&2; exit 1; }
}"""


def test_the_host_waits_for_volume_and_image_says_why_and_starts_everything(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    for name, does in STUBS.items():
        (tmp_path / "bin" / name).write_text(f'#!/bin/bash\necho "{name} $*" >> $ROOT/log\n{FAIL}\n{does}\n')
        (tmp_path / "bin" / name).chmod(0o755)
    script = _boot().replace("/etc/", f"{tmp_path}/").replace("/var/lib/imdb", f"{tmp_path}/imdb")
    script = re.sub(r"disk=/dev/\S+", f"disk={tmp_path}/disk", script)
    env = {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "ROOT": str(tmp_path)}
    done = subprocess.run(["bash"], input=script, capture_output=True, text=True, check=False, env=env, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    said = done.stdout.splitlines()
    assert [line.partition("again in 30 s: ")[2][:4] for line in said] == ["aws ", "pull", "pull", "star", ""]
    assert said[0].endswith("VolumeInUse: vol-x is attached to i-old")
    assert said[1].endswith('no such image "latest"')
    assert said[3].endswith("start code: no space left on device")
    assert said[4] == "started x.dkr.ecr.x.x/x:x"
    log = (tmp_path / "log").read_text().splitlines()
    assert sum(line.startswith("aws logs put-log-events") for line in log) == len(said), "all of it is in the log, too"
    started = [line for line in log if line.startswith("docker run")][1:]  # after one that failed
    assert [line.split()[-1] for line in started] == ["code", "daemon", "web"]
    assert [("--publish 3000:3000" in line, "imdb-token.env" in line) for line in started] == [
        (False, False),
        (False, False),
        (True, True),
    ]
    order = [line.split()[0] for line in log]
    assert order.index("mount") < order.index("systemctl"), "containers write to the volume"
    assert (tmp_path / "imdb-token.env").read_text() == "IMDB_UI_TOKEN=t0k3n\n"
    assert "t0k3n" not in "\n".join([*said, *log])
