/** Announces that readings, the dictionary or recordings changed. */
export const speechTopic = "speech";
