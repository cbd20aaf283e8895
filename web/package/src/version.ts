/** The version of this package; its modules carry the same one. */
export const version = "0.1.0";
