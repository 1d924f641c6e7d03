import {
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVolumesCommand,
  type EC2Client,
  type Instance as Ec2Instance,
} from "@aws-sdk/client-ec2";
import type { Account, Instance } from "../scan/control.ts";

/** The target account's machines through EC2's own answers. What was asked for and did not come back is an error, never a pass. */
export function ec2Machines(client: EC2Client): Omit<Account, "tagged"> {
  return {
    async instances(ids) {
      if (ids.length === 0) throw new Error("The apply left no instance to ask about");
      const { Reservations } = await client.send(new DescribeInstancesCommand({ InstanceIds: [...ids] }));
      const found = (Reservations ?? []).flatMap(({ Instances }) => Instances ?? []).map(instanceOf);
      return ids.map((id) =>
        given(
          found.find((each) => each.id === id),
          id,
        ),
      );
    },
    async encryption(volumes) {
      if (volumes.length === 0) return {};
      const { Volumes } = await client.send(new DescribeVolumesCommand({ VolumeIds: [...volumes] }));
      return Object.fromEntries(
        volumes.map((id) => [
          id,
          given(
            Volumes?.find(({ VolumeId }) => VolumeId === id),
            id,
          ).Encrypted === true,
        ]),
      );
    },
    async ingress(groups) {
      if (groups.length === 0) return [];
      const { SecurityGroups } = await client.send(new DescribeSecurityGroupsCommand({ GroupIds: [...groups] }));
      return groups.flatMap((group) => {
        const { IpPermissions } = given(
          SecurityGroups?.find(({ GroupId }) => GroupId === group),
          group,
        );
        return (IpPermissions ?? []).map(({ IpProtocol, FromPort, ToPort, IpRanges, Ipv6Ranges }) => ({
          group,
          protocol: IpProtocol ?? "-1",
          fromPort: FromPort,
          toPort: ToPort,
          ranges: [
            ...(IpRanges ?? []).flatMap(({ CidrIp }) => CidrIp ?? []),
            ...(Ipv6Ranges ?? []).flatMap(({ CidrIpv6 }) => CidrIpv6 ?? []),
          ],
        }));
      });
    },
  };
}

function instanceOf(instance: Ec2Instance): Instance {
  const { InstanceId, RootDeviceName, BlockDeviceMappings, MetadataOptions, NetworkInterfaces, SecurityGroups } =
    instance;
  const groups = [...(SecurityGroups ?? []), ...(NetworkInterfaces ?? []).flatMap(({ Groups }) => Groups ?? [])];
  return {
    id: InstanceId ?? "",
    rootVolume: BlockDeviceMappings?.find(({ DeviceName }) => DeviceName === RootDeviceName)?.Ebs?.VolumeId,
    metadataTokens: MetadataOptions?.HttpTokens,
    metadataEndpoint: MetadataOptions?.HttpEndpoint,
    securityGroups: [...new Set(groups.flatMap(({ GroupId }) => GroupId ?? []))],
    tags: Object.fromEntries((instance.Tags ?? []).map(({ Key, Value }) => [Key ?? "", Value ?? ""])),
  };
}

function given<T>(found: T | undefined, id: string): T {
  if (!found) throw new Error(`${id} is not in the account`);
  return found;
}
