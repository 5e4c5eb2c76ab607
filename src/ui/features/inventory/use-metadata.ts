import {
  getHostMetadata,
  getRoleMetadata,
  getServiceMetadata,
  listHostMetadata,
  listRoleMetadata,
  listServiceMetadata,
} from "#wire/services";
import { useCall } from "#kit/call";
import { useOrganisation } from "#kit/session";
import type { MetadataOwner } from "./MetadataSection.tsx";

export function useHostMetadata(id: string): MetadataOwner {
  const call = useCall();
  const params = { org: useOrganisation().name, id };
  return {
    key: ["host", id],
    list: (signal) => call(listHostMetadata, { params }, signal),
    read: (namespace, signal) => call(getHostMetadata, { params: { ...params, namespace } }, signal),
  };
}

export function useServiceMetadata(service: string): MetadataOwner {
  const call = useCall();
  const params = { org: useOrganisation().name, service };
  return {
    key: ["service", service],
    list: (signal) => call(listServiceMetadata, { params }, signal),
    read: (namespace, signal) => call(getServiceMetadata, { params: { ...params, namespace } }, signal),
  };
}

export function useRoleMetadata(service: string, role: string): MetadataOwner {
  const call = useCall();
  const params = { org: useOrganisation().name, service, role };
  return {
    key: ["service", service, "role", role],
    list: (signal) => call(listRoleMetadata, { params }, signal),
    read: (namespace, signal) => call(getRoleMetadata, { params: { ...params, namespace } }, signal),
  };
}
