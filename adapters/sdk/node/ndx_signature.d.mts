// Types of ndx_signature.mjs, for TypeScript.
import type {KeyLike, KeyObject} from "node:crypto";

export declare const SIGNATURE_LIFE_SECONDS: number;
export declare const CLOCK_SKEW_SECONDS: number;
export declare const OFFICER_TOKEN_LIFE_SECONDS_MAX: number;

/** Why a signature does not count. */
export declare class SignatureError extends Error {}

export interface AskedExchange {
  /** UUIDv7, of the consumer's own choice; sent as ndx-exchange-id. */
  exchangeId: string;
  /** "/package.Service/Method" */
  method: string;
  /** The request as it goes out: serialized, not compressed. */
  message: Uint8Array;
}

export interface AnsweredExchange {
  exchangeId: string;
  method: string;
  /** The serialized messages, in their order; one, unless the answer is a stream. */
  messages: Uint8Array[];
  /** The method's answer is a stream. */
  streamed?: boolean;
}

export interface OfficerClaims {
  /** Officer code (mã cán bộ), as in ndx-officer. */
  officer: string;
  /** Code of the officer's member. */
  member: string;
  /** The node, VN:GOV:<member>:<system>. */
  node: string;
  /** At most twelve hours; eight where not given. */
  lifeSeconds?: number;
}

export interface VerifiedSignature {
  keyId: string;
  /** Seconds since 1970. */
  issued: number;
  expires: number;
}

/** Keys are Ed25519, or ECDSA on P-256: PEM or KeyObject. Times are seconds since 1970, now where not given. */
export declare function signRequest(asked: AskedExchange, key: KeyLike, now?: number): Buffer;
export declare function signAnswer(answer: AnsweredExchange, key: KeyLike, now?: number): Buffer;
export declare function verifyDelivery(
  delivered: AnsweredExchange, signature: Uint8Array | string | undefined, key: KeyLike, now?: number): VerifiedSignature;
export declare function signOfficerToken(claims: OfficerClaims, key: KeyLike, now?: number): string;
export declare function keyId(key: KeyLike): string;
export declare function nodeKey(vkey: string): KeyObject;
export declare function newExchangeId(): string;
