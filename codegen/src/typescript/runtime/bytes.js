const bytes = (base64) => Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0));
