// convgrad: 2-D convolution and pooling, forward and backward. Includes the whole public interface.
#pragma once

#include "convgrad/conv2d.h"
#include "convgrad/lowering.h"
#include "convgrad/pool2d.h"
#include "convgrad/profile.h"
#include "convgrad/thread_pool.h"
