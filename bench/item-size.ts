import type { AttributeValue } from "@aws-sdk/client-dynamodb";

/** An item as calls carry it. */
export type Item = Readonly<Record<string, AttributeValue>>;

/**
 * Bytes of an item by DynamoDB's rules: names and texts in UTF-8; a number about a byte for two of its significant digits and one more;
 * a list or map three, and one for each element.
 *
 * See https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 *
 * @throws for binary values and sets: no item of ours has one.
 */
export function sizeOf(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOfValue(value), 0);
}

function sizeOfValue(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return Math.ceil(significantDigits(value.N) / 2) + 1;
  if (value.M !== undefined) return 3 + sizeOf(value.M) + Object.keys(value.M).length;
  if (value.L !== undefined) return 3 + value.L.reduce((sum, each) => sum + 1 + sizeOfValue(each), 0);
  if (value.BOOL !== undefined || value.NULL !== undefined) return 1;
  throw new Error(`Nobody has said yet how large ${Object.keys(value)} is`);
}

/** Zeros at both ends are trimmed. */
function significantDigits(number: string): number {
  const [digits = ""] = number.replace(/[-+.]/g, "").split(/e/i);
  return digits.replace(/^0+|0+$/g, "").length;
}
