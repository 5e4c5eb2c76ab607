import classes from "./Logo.module.css";

/** The clapper of the fire watch (拍子木): two sticks and a flame. Decoration: the name stands beside it. */
export function Logo({ size = 26 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden className={classes.logo}>
      <path
        className={classes.flame}
        d="M16.6 2.5c.7 4.2 6.9 6.6 6.9 13.1 0 4.6-3.3 7.6-7.5 7.6s-7.5-2.9-7.5-7.3c0-3 1.500-5 3-6.700.2 1.900.9 3 2 3.500C13.300 9 14.400 5.300 16.600 2.500Z"
      />
      <path className={classes.stick} d="M5 26.600 27 25v3.300L5 29.900Z" />
    </svg>
  );
}
