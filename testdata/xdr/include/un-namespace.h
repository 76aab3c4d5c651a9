/* libtirpc's sources include this header, which belongs to another C library. */
