/* Runs a model that takes the number of bit planes, with every number from 0 to 9:
 *
 *   planes IMAGES OUTPUTS
 *
 * IMAGES holds ROWS * INPUTS codes. Writes the accumulators for each number, and
 * prints what the functions give. */
#include "planes.h"

#include <stdio.h>
#include <string.h>

enum { ROWS = 65, INPUTS = 784, CLASSES = 10 };

static INPUT images[ROWS * INPUTS];
static OUTPUT y[ROWS * CLASSES], z[ROWS * CLASSES];

int main(int count, char **names) {
  FILE *in = count == 3 ? fopen(names[1], "rb") : NULL, *out = count == 3 ? fopen(names[2], "wb") : NULL;
  if (!in || !out || fread(images, sizeof images, 1, in) != 1)
    return 1;
  for (int planes = -1; planes <= 9; ++planes) {
    const void *pointers[] = {images, z};
    memset(y, 1, sizeof y);
    memset(z, 1, sizeof z);
    int result = planes_run_raw(ROWS, images, y, planes);
    if (planes_run_raw_array(ROWS, pointers, planes) != result || memcmp(y, z, sizeof y))
      return 1;
    printf("%d: %d, %s\n", planes, result, y[0] == z[0] && !memcmp(y, y + 1, sizeof y - sizeof *y) ? "untouched" : "computed");
    if (result == 0)
      fwrite(y, sizeof y, 1, out);
  }
  return fclose(out);
}
