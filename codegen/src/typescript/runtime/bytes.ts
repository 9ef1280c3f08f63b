
const bytes = (base64: string): unknown => Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0));
