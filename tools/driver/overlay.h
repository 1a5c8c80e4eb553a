/* What mingw-w64's headers lack, and wdk-alloc needs. Read before every other header, of each driver alike: bindgen is
 * built for the path that it has. */
#define __AMXINTRIN_H
typedef unsigned long long POOL_FLAGS;
void *__stdcall ExAllocatePool2(POOL_FLAGS Flags, unsigned long long NumberOfBytes, unsigned int Tag);
