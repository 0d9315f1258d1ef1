/** Whether a field, a header or a query parameter of this name holds a secret, as far as names tell. */
export const isSecretName = (name: string): boolean => SECRET.test(name);

const SECRET = /auth|key|token|secret|cookie|password|passwd|credential|signature|^sig$/i;
