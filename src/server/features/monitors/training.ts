/** Days of data without which an anomaly detection says nothing. */
export const neededDays = 7;
